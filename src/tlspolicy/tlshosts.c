#include "tlspolicy/tlssource.h"

#include <errno.h>
#include <sys/stat.h>

#include "config/control.h"
#include "lib/ascii.h"

/* The directories of Vermeulen's patch, where a file's name is a host's. */

enum { NAME_LEN_MAX = 253 };

bool
tlschoice_is_file_name(struct view name)
{
	size_t i;

	if (name.len == 0 || name.len > NAME_LEN_MAX || name.at[0] == '.')
		return false;
	for (i = 0; i < name.len; i++)
		if (!ascii_is_letter(name.at[i]) && !ascii_is_digit(name.at[i]) &&
		    view_index(VIEW("-_."), name.at[i]) == 3)
			return false;
	return true;
}

typedef int looker(const char *path, struct stat *st);

/* What there is at `path`: ANSWER_YES with *st. */
static enum answer
look_at(looker *look, const char *path, struct stat *st, struct problem *problem)
{
	if (look(path, st) == 0)
		return ANSWER_YES;
	if (errno == ENOENT || errno == ENOTDIR)
		return ANSWER_NO;
	problem_note(problem, path, 0, "unreadable", errno);
	return ANSWER_ERROR;
}

typedef void appender(struct str *out, struct view v);

static enum answer
name_file_as(appender *append, const char *directory, struct view name,
    const char *suffix, struct str *path, struct problem *problem)
{
	struct stat st;

	str_clear(path);
	str_append_text(path, directory);
	str_append_byte(path, '/');
	append(path, view_trim_root(name));
	str_append_text(path, suffix);
	/* The name says it, also where the link that has it points nowhere. */
	return look_at(lstat, str_text(path), &st, problem);
}

/* Is there a DIRECTORY/NAMESUFFIX?  As the name is written, then in lower case.  *path is the one
 * that was found. */
static enum answer
name_file(const char *directory, struct view name, const char *suffix, struct str *path,
    struct problem *problem)
{
	enum answer found;

	if (!tlschoice_is_file_name(name))
		return ANSWER_NO;
	found = name_file_as(str_append, directory, name, suffix, path, problem);
	if (found == ANSWER_NO)
		found = name_file_as(
		    str_append_lower, directory, name, suffix, path, problem);
	return found;
}

enum answer
tlssource_hosts(
    const struct tlschoice_question *q, struct tlschoice *c, struct problem *problem)
{
	struct str path = { 0 };
	struct view names[] = { q->server, q->dns.asked };
	enum answer found = ANSWER_NO;
	size_t i;

	for (i = 0; i < sizeof names / sizeof *names && found == ANSWER_NO; i++)
		if (!q->is_ip && (i == 0 || !view_equal(names[i], q->server)))
			found = name_file(
			    "control/tlshosts", names[i], ".pem", &path, problem);
	if (found == ANSWER_YES) {
		tlschoice_set(c, TLS_VERIFY, "tlshosts");
		origin_note(&c->from, str_text(&path), 0);
		str_set(&c->trust, str_view(&path));
	}
	str_free(&path);
	return found;
}

static enum answer
no_tls(struct tlschoice *c, const char *path, size_t line)
{
	tlschoice_set(c, TLS_NONE, NULL);
	origin_note(&c->from, path, line);
	return ANSWER_YES;
}

/* The names by which no TLS may be asked for: the server's, and the recipient's domain if that led
 * there (indimail); each as written and in A-labels. */
enum { NAMES = 4 };

static void
add_names(struct view names[NAMES], size_t *count, struct view written, struct view ascii)
{
	names[(*count)++] = written;
	if (ascii.len > 0 && !view_equal(written, ascii))
		names[(*count)++] = ascii;
}

static size_t
names_of(const struct tlschoice_question *q, struct view names[NAMES])
{
	size_t count = 0;

	if (!q->is_ip)
		add_names(names, &count, q->server, q->dns.asked);
	if (!q->is_relay)
		add_names(names, &count, q->host, q->domain);
	return count;
}

/* indimail's form: one file with a name a line. */
static enum answer
by_list(const char *list_path, const struct tlschoice_question *q, struct tlschoice *c,
    struct problem *problem)
{
	struct view names[NAMES];
	size_t count = names_of(q, names), i, k;
	struct control_list list = { 0 };
	enum answer found = control_list(list_path, &list, problem);

	if (found == ANSWER_YES)
		found = ANSWER_NO;
	for (i = 0; i < list.count; i++)
		for (k = 0; k < count && found == ANSWER_NO; k++)
			if (view_equal_nocase(view_trim_root(list.entries[i].text),
				view_trim_root(names[k])))
				found = no_tls(c, list_path, list.entries[i].line);
	control_list_free(&list);
	return found;
}

static enum answer
by_directory(const char *directory, const struct tlschoice_question *q,
    struct tlschoice *c, struct problem *problem)
{
	struct view names[NAMES];
	size_t count = names_of(q, names), i;
	struct str path = { 0 };
	enum answer found = ANSWER_NO;

	for (i = 0; i < count && found == ANSWER_NO; i++)
		found = name_file(directory, names[i], "", &path, problem);
	if (found == ANSWER_YES)
		no_tls(c, str_text(&path), 0);
	str_free(&path);
	return found;
}

enum answer
tlssource_nohosts(
    const struct tlschoice_question *q, struct tlschoice *c, struct problem *problem)
{
	static const char nohosts[] = "control/notlshosts",
			  exhaustive[] = "control/tlshosts/exhaustivelist";
	struct stat st;
	enum answer found = look_at(stat, nohosts, &st, problem);

	if (found == ANSWER_YES)
		found = S_ISDIR(st.st_mode) ? by_directory(nohosts, q, c, problem)
					    : by_list(nohosts, q, c, problem);
	if (found != ANSWER_NO)
		return found;
	found = look_at(stat, exhaustive, &st, problem);
	return found == ANSWER_YES ? no_tls(c, exhaustive, 0) : found;
}
