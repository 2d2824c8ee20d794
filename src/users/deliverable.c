#include "users/deliverable.h"

#include "users/dotfile.h"

static enum deliverable
because(enum deliverable result, const char *text, const char **why)
{
	*why = text;
	return result;
}

static enum deliverable
without_file(enum dotqmail state, const char **why)
{
	if (state == DOTQMAIL_FORBIDDEN)
		return because(DELIVERABLE_UNREADABLE,
		    "unreadable: the home or a .qmail file of this user", why);
	return because(
	    DELIVERABLE_UNKNOWN, "the home of this user cannot be looked at", why);
}

/* The first .qmail file that is there answers, as in dotfile_open(). */
static enum deliverable
search(const struct deliverable_sources *sources, const struct account *account,
    const char **why)
{
	struct dotfile_search names = { .dash = str_view(&account->dash),
		.ext = str_view(&account->ext) };
	enum dotqmail state = sources->home(sources->context, account);
	struct str name = { 0 };
	bool is_default;

	if (state != DOTQMAIL_PRESENT)
		return without_file(state, why);
	state = DOTQMAIL_ABSENT;
	while (state == DOTQMAIL_ABSENT && dotfile_next(&names, &name, &is_default))
		state = sources->file(sources->context, account, str_text(&name));
	is_default = view_equal(str_view(&name), VIEW(".qmail-default"));
	str_free(&name);
	if (state == DOTQMAIL_ABSENT)
		return DELIVERABLE_NO;
	if (state != DOTQMAIL_PRESENT)
		return without_file(state, why);
	if (!is_default || !sources->behind_default)
		return DELIVERABLE_YES;
	return sources->behind_default(sources->context, account, why);
}

enum deliverable
deliverable_local(
    const struct deliverable_sources *sources, struct view local, const char **why)
{
	struct account account = { 0 };
	enum deliverable result;

	if (!sources->account(sources->context, local, &account, why))
		result = DELIVERABLE_UNKNOWN;
	else if (account.dash.len == 0) /* without a file: the default delivery */
		result = DELIVERABLE_YES;
	else
		result = search(sources, &account, why);
	account_free(&account);
	return result;
}

enum deliverable
deliverable(
    const struct deliverable_sources *sources, struct view recipient, const char **why)
{
	struct str address = { 0 };
	enum deliverable result = DELIVERABLE_YES;
	struct view local;

	if (view_index(recipient, '\0') < recipient.len)
		return because(DELIVERABLE_UNKNOWN, "no address", why);
	if (route_recipient(sources->routes, recipient, &address) == CHANNEL_LOCAL) {
		local =
		    view_first(str_view(&address), view_rindex(str_view(&address), '@'));
		if (local.len > 0) /* qmail-lspawn is silent about <@here> */
			result = deliverable_local(sources, local, why);
	}
	str_free(&address);
	return result;
}
