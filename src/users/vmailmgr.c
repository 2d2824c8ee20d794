#include "users/vmailmgr.h"

#include "users/domaindir.h"
#include "users/vpasswd.h"

static enum vpasswd_answer
look_up(const struct account *owner, struct view user, bool extensions)
{
	struct str path = { 0 };
	enum vpasswd_answer answer;

	str_set(&path, str_view(&owner->home));
	str_append_text(&path, "/passwd.cdb");
	answer = vpasswd_look_up(str_text(&path), user, extensions, NULL);
	str_free(&path);
	return answer;
}

static enum mailbox
in_home(const struct account *owner, struct view user, const struct mailbox_question *q,
    const char **why)
{
	struct domaindir home = { .directory = str_view(&owner->home),
		.user = user,
		.names = {
		    .dash = str_view(&owner->dash), .ext = str_view(&owner->ext) } };
	enum vpasswd_answer answer = look_up(owner, user, q->extensions);

	if (answer == VPASSWD_ABSENT || answer == VPASSWD_HIDDEN)
		return MAILBOX_ELSEWHERE;
	if (q->bouncing_only) /* its .qmail-default says nothing of bouncing */
		return MAILBOX_ANY;
	if (answer == VPASSWD_YES || domaindir_has_alias(&home))
		return MAILBOX_FOUND;
	if (answer != VPASSWD_NO)
		return mailbox_without_record(answer, why);
	if (look_up(owner, VIEW("+"), false) ==
	    VPASSWD_YES) /* takes what is for nobody */
		return MAILBOX_FOUND;
	return mailbox_without_file(&home, why);
}

enum mailbox
vmailmgr_mailbox(const struct deliverable_sources *sources, struct view user,
    struct view domain, const struct mailbox_question *q, const char **why)
{
	const struct routes *routes = sources->routes;
	struct account owner = { 0 };
	struct str address = { 0 };
	enum mailbox result = MAILBOX_ELSEWHERE;
	struct view local;

	if (!domainmap_find(&routes->locals.map, domain, NULL) &&
	    route_recipient(routes, q->address, &address) == CHANNEL_LOCAL) {
		local =
		    view_first(str_view(&address), view_rindex(str_view(&address), '@'));
		if (sources->account(sources->context, local, &owner, why))
			result = in_home(&owner, user, q, why);
		else
			result = MAILBOX_UNKNOWN;
	}
	account_free(&owner);
	str_free(&address);
	return result;
}
