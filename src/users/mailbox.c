#include "users/mailbox.h"

#include "users/vmailmgr.h"
#include "users/vpopmail.h"

static enum mailbox
because(enum mailbox result, const char *text, const char **why)
{
	*why = text;
	return result;
}

enum mailbox
mailbox_without_record(enum vpasswd_answer answer, const char **why)
{
	switch (answer) {
	case VPASSWD_ABSENT:
		return because(MAILBOX_UNREADABLE,
		    "unreadable: the users of this domain are in no file", why);
	case VPASSWD_HIDDEN:
		return because(
		    MAILBOX_UNREADABLE, "unreadable: the directory of this domain", why);
	case VPASSWD_FORBIDDEN:
		return because(MAILBOX_UNKNOWN,
		    "the file of this domain's users: permission denied", why);
	case VPASSWD_FAILED:
		return because(MAILBOX_UNKNOWN,
		    "the file of this domain's users is damaged or cannot be read", why);
	default:
		return MAILBOX_NONE;
	}
}

enum mailbox
mailbox_without_file(const struct domaindir *directory, const char **why)
{
	if (directory->has_failed)
		return because(MAILBOX_UNKNOWN,
		    "the directory of this domain cannot be looked at", why);
	if (directory->is_hidden)
		return because(MAILBOX_UNREADABLE,
		    "unreadable: the directory of this domain, or a file in it", why);
	return MAILBOX_NONE;
}

static enum mailbox
find(const struct deliverable_sources *sources, struct view user, struct view domain,
    const struct mailbox_question *q, const char **why)
{
	struct account account = { 0 };
	struct str prefix = { 0 };
	enum mailbox result;

	str_append(&prefix, domain);
	str_append_byte(&prefix, '-');
	switch (account_of_prefix(str_view(&prefix), &account, NULL)) {
	case ANSWER_YES:
		result = vpopmail_mailbox(&account, user, q, why);
		break;
	case ANSWER_NO:
		result = vmailmgr_mailbox(sources, user, domain, q, why);
		break;
	default:
		result = because(MAILBOX_UNKNOWN, "users/cdb cannot be read", why);
	}
	account_free(&account);
	str_free(&prefix);
	return result;
}

enum mailbox
mailbox_find(const struct deliverable_sources *sources, const struct mailbox_question *q,
    const char **why)
{
	enum mailbox result = MAILBOX_ELSEWHERE;
	struct str lower = { 0 };
	struct view address;
	size_t at;

	if (view_index(q->address, '\0') < q->address.len)
		return because(MAILBOX_UNKNOWN, "no address", why);
	str_append_lower(&lower, q->address);
	address = str_view(&lower);
	at = view_rindex(address, '@');
	if (at + 1 < address.len)
		result = find(
		    sources, view_first(address, at), view_from(address, at + 1), q, why);
	str_free(&lower);
	return result;
}
