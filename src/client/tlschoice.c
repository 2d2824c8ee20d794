#include "client/tlschoice.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "client/tlspolicy.h"
#include "config/control.h"
#include "lib/ascii.h"

bool
tlschoice_is_file_name(struct view name)
{
	size_t i;

	if (name.len == 0 || name.len > 253 || name.at[0] == '.')
		return false;
	for (i = 0; i < name.len; i++)
		if (!ascii_is_letter(name.at[i]) && !ascii_is_digit(name.at[i]) &&
		    view_index(VIEW("-_."), name.at[i]) == 3)
			return false;
	return true;
}

static enum answer
exists(const char *path, struct problem *problem)
{
	struct stat st;

	if (stat(path, &st) == 0)
		return ANSWER_YES;
	if (errno == ENOENT || errno == ENOTDIR)
		return ANSWER_NO;
	problem_note(problem, path, 0, "unreadable", errno);
	return ANSWER_ERROR;
}

typedef void appender(struct str *out, struct view v);

static enum answer
host_file_as(appender *append, const char *directory, struct view name,
    const char *suffix, struct str *path, struct problem *problem)
{
	str_clear(path);
	str_append_text(path, directory);
	str_append_byte(path, '/');
	append(path, name);
	str_append_text(path, suffix);
	return exists(str_text(path), problem);
}

/* Is there a DIRECTORY/NAMESUFFIX?  As the name is written, then in lower case.  *path is the one
 * that was found. */
static enum answer
host_file(const char *directory, const struct tlschoice_question *q, const char *suffix,
    struct str *path, struct problem *problem)
{
	enum answer found;

	if (q->is_ip || !tlschoice_is_file_name(q->server))
		return ANSWER_NO;
	found = host_file_as(str_append, directory, q->server, suffix, path, problem);
	if (found == ANSWER_NO)
		found = host_file_as(
		    str_append_lower, directory, q->server, suffix, path, problem);
	return found;
}

static void
set_level(struct tlschoice *c, enum tls_level level)
{
	c->level = level;
	c->policy = tlspolicy_level_name(level);
}

/* control/tlshosts/NAME.pem: TLS is mandatory, and that file is the trust store. */
static enum answer
by_tlshosts(
    const struct tlschoice_question *q, struct tlschoice *c, struct problem *problem)
{
	struct str path = { 0 };
	enum answer found = host_file("control/tlshosts", q, ".pem", &path, problem);

	if (found == ANSWER_YES) {
		set_level(c, TLS_SECURE);
		c->policy = "tlshosts";
		str_set(&c->trust, str_view(&path));
	}
	str_free(&path);
	return found;
}

static bool
is_within(struct view name, struct view domain)
{
	if (view_equal_nocase(name, domain))
		return true;
	return name.len > domain.len && view_ends_nocase(name, domain) &&
	    name.at[name.len - domain.len - 1] == '.';
}

/* Which name has the certificate to show?  A relay's is the admin's own word.  An exchanger's came
 * over the DNS and counts only below the recipient's domain or what match= says. */
static void
choose_name(const struct tlschoice_question *q, struct view match, struct tlschoice *c)
{
	if (match.len == 0) {
		c->wrong_name = c->level == TLS_SECURE && !q->is_relay &&
		    !is_within(q->server, q->host);
	} else if (match.at[0] == '.') {
		c->wrong_name =
		    c->level == TLS_SECURE && !is_within(q->server, view_from(match, 1));
	} else {
		str_set(&c->name, match);
		c->name_is_ip = false;
	}
}

static enum answer
by_tlspolicy(
    const struct tlschoice_question *q, struct tlschoice *c, struct problem *problem)
{
	static const char path[] = "control/tlspolicy";
	struct control_list list = { 0 };
	enum answer found = control_list(path, &list, problem);
	struct tlspolicy policy;
	struct view value;
	size_t line;

	if (found != ANSWER_YES)
		return found;
	if (!tlspolicy_select(
		&list, q->is_relay ? q->server : VIEW(""), q->host, &value, &line)) {
		found = ANSWER_NO;
	} else if (!tlspolicy_parse(value, &policy)) {
		problem_note(problem, path, line, "not a TLS policy", 0);
		found = ANSWER_ERROR;
	} else {
		set_level(c, policy.level);
		choose_name(q, policy.match, c);
		str_set(&c->trust, policy.ca);
		str_set(&c->ciphers, policy.ciphers);
	}
	control_list_free(&list);
	return found;
}

/* The patches' ways to switch TLS off. */
static enum answer
by_notlshosts(
    const struct tlschoice_question *q, struct tlschoice *c, struct problem *problem)
{
	struct str path = { 0 };
	enum answer found = host_file("control/notlshosts", q, "", &path, problem);

	str_free(&path);
	if (found == ANSWER_NO)
		found = exists("control/tlshosts/exhaustivelist", problem);
	if (found == ANSWER_YES)
		set_level(c, TLS_NONE);
	return found;
}

static void
by_kind(const struct tlschoice_question *q, struct tlschoice *c)
{
	c->by_default = true;
	set_level(c, q->has_credential && !q->clear_allowed ? TLS_SECURE : TLS_MAY);
}

/* control/tlsclientciphers: its lines, joined by ':'. */
static enum answer
read_ciphers(struct str *ciphers, struct problem *problem)
{
	struct control_list list = { 0 };
	enum answer found;
	size_t i;

	if (ciphers->len > 0) /* tlspolicy said */
		return ANSWER_YES;
	found = control_list("control/tlsclientciphers", &list, problem);
	for (i = 0; i < list.count; i++) {
		if (i > 0)
			str_append_byte(ciphers, ':');
		str_append(ciphers, list.entries[i].text);
	}
	control_list_free(&list);
	return found;
}

enum answer
tlschoice_make(
    const struct tlschoice_question *q, struct tlschoice *out, struct problem *problem)
{
	struct tlschoice c = { 0 };
	enum answer found;

	str_set(&c.name, q->server);
	c.name_is_ip = q->is_ip;
	found = by_tlshosts(q, &c, problem);
	if (found == ANSWER_NO)
		found = by_tlspolicy(q, &c, problem);
	if (found == ANSWER_NO)
		found = by_notlshosts(q, &c, problem);
	if (found == ANSWER_NO)
		by_kind(q, &c);
	/* A port that speaks TLS from its first octet cannot be spoken to without. */
	if (q->implicit && c.level == TLS_NONE)
		set_level(&c, TLS_MAY);
	if (found == ANSWER_ERROR || read_ciphers(&c.ciphers, problem) == ANSWER_ERROR) {
		tlschoice_free(&c);
		return ANSWER_ERROR;
	}
	if (access("control/clientcert.pem", R_OK) == 0)
		str_append_text(&c.cert, "control/clientcert.pem");
	*out = c;
	return ANSWER_YES;
}

void
tlschoice_free(struct tlschoice *c)
{
	str_free(&c->name);
	str_free(&c->trust);
	str_free(&c->ciphers);
	str_free(&c->cert);
	*c = (struct tlschoice) { 0 };
}
