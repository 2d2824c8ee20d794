#include "users/vpopmail.h"

#include "lib/fd.h"
#include "users/domaindir.h"
#include "users/look.h"
#include "users/quota.h"
#include "users/vdelivermail.h"
#include "users/vpasswd.h"

static const char users_file[] = "vpasswd.cdb", default_file[] = ".qmail-default";

/* --- one user ------------------------------------------------------------------------------------- */

static bool
is_full(const struct vpasswd *user, uint32_t percent)
{
	struct str path = { 0 }, bytes = { 0 };
	struct quota quota, used;
	bool full = false;

	if (percent == 0 || !quota_parse(user->quota, &quota))
		return false;
	str_append(&path, user->dir);
	str_append_text(&path, "/Maildir/maildirsize");
	if (fd_read_file(str_text(&path), &bytes, MAILDIRSIZE_MAX) == 0 &&
	    quota_parse_maildirsize(str_view(&bytes), &used))
		full = quota_percent(&quota, &used) >= percent;
	str_free(&path);
	str_free(&bytes);
	return full;
}

static enum mailbox
judge(struct view record, uint32_t percent, const char **why)
{
	struct vpasswd user;

	if (!vpasswd_parse(record, &user)) {
		*why = "a record of vpasswd.cdb is damaged";
		return MAILBOX_UNKNOWN;
	}
	if (user.flags & VPASSWD_BOUNCES)
		return MAILBOX_NONE;
	return is_full(&user, percent) ? MAILBOX_FULL : MAILBOX_FOUND;
}

static enum vpasswd_answer
look_up(struct view directory, struct view user, bool extensions, struct str *record)
{
	struct str path = { 0 };
	enum vpasswd_answer answer;

	str_append(&path, directory);
	str_append_byte(&path, '/');
	str_append_text(&path, users_file);
	answer = vpasswd_look_up(str_text(&path), user, extensions, record);
	str_free(&path);
	return answer;
}

/* --- a domain ------------------------------------------------------------------------------------- */

/* Does .qmail-default run vdelivermail and nothing else, which sends back what is for nobody and
 * finds its users in files? */
static bool
bounces_by_files(struct domaindir domain, bool *asks_servers)
{
	struct str text = { 0 };
	struct view program;
	bool bounces =
	    domaindir_read(&domain, view_of(default_file), &text) == ANSWER_YES &&
	    vdelivermail_bounces(str_view(&text), &program);

	*asks_servers = bounces && vdelivermail_asks_servers(program);
	str_free(&text);
	return bounces && !*asks_servers;
}

static enum mailbox
in_vpasswd(struct domaindir *domain, const struct mailbox_question *q, const char **why)
{
	struct str record = { 0 };
	enum vpasswd_answer answer = VPASSWD_ABSENT;
	enum mailbox result;
	bool asks_servers;

	bounces_by_files(*domain, &asks_servers);
	if (!asks_servers) /* else a vpasswd.cdb is left over from before */
		answer = look_up(domain->directory, domain->user, q->extensions, &record);
	if (answer == VPASSWD_YES)
		result = judge(str_view(&record), q->percent, why);
	else if (answer != VPASSWD_NO)
		result = mailbox_without_record(answer, why);
	else if (domaindir_has_list(domain))
		result = MAILBOX_FOUND;
	else
		result = mailbox_without_file(domain, why);
	str_free(&record);
	return result;
}

static enum mailbox
in_domain(struct domaindir *domain, const struct mailbox_question *q, const char **why)
{
	enum answer bounces = ANSWER_YES;

	if (q->bouncing_only)
		bounces = domaindir_has_word(
		    domain, view_of(default_file), VIEW("bounce-no-mailbox"));
	if (bounces == ANSWER_NO)
		return MAILBOX_ANY;
	if (bounces == ANSWER_ERROR)
		return mailbox_without_file(domain, why);
	return domaindir_has_alias(domain) ? MAILBOX_FOUND : in_vpasswd(domain, q, why);
}

enum mailbox
vpopmail_mailbox(const struct account *account, struct view user,
    const struct mailbox_question *q, const char **why)
{
	struct domaindir domain = { .directory = str_view(&account->home),
		.user = user,
		.names = { .dash = VIEW("-"), .ext = user } };

	if (!view_starts(domain.directory, VIEW("/"))) {
		*why = "users/cdb names a directory that is no absolute path";
		return MAILBOX_UNKNOWN;
	}
	switch (look_at_directory(str_text(&account->home))) {
	case DOTQMAIL_PRESENT:
		return in_domain(&domain, q, why);
	case DOTQMAIL_FORBIDDEN:
		domain.is_hidden = true;
		break;
	default:
		domain.has_failed = true;
	}
	return mailbox_without_file(&domain, why);
}

/* --- what qmail-local would find -------------------------------------------------------------------- */

static enum deliverable
find_deliverable(struct view directory, struct view user, const char **why)
{
	struct str record = { 0 };
	enum vpasswd_answer answer = look_up(directory, user, true, &record);
	struct vpasswd found;
	bool bounces = answer == VPASSWD_NO ||
	    (answer == VPASSWD_YES && vpasswd_parse(str_view(&record), &found) &&
		(found.flags & VPASSWD_BOUNCES));

	str_free(&record);
	switch (answer) {
	case VPASSWD_HIDDEN:
	case VPASSWD_FORBIDDEN:
		*why = "unreadable: vpasswd.cdb of this domain";
		return DELIVERABLE_UNREADABLE;
	case VPASSWD_FAILED:
		*why = "vpasswd.cdb of this domain cannot be read";
		return DELIVERABLE_UNKNOWN;
	default:
		return bounces ? DELIVERABLE_NO : DELIVERABLE_YES;
	}
}

enum deliverable
vpopmail_behind_default(void *context, const struct account *account, const char **why)
{
	struct domaindir domain = { .directory = str_view(&account->home) };
	struct str user = { 0 };
	enum deliverable result = DELIVERABLE_YES;
	bool asks_servers;

	(void)context;
	if (bounces_by_files(domain, &asks_servers)) {
		str_append_lower(&user, str_view(&account->ext));
		result = find_deliverable(domain.directory, str_view(&user), why);
		str_free(&user);
	}
	return result;
}
