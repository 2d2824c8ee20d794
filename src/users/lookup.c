#include "users/lookup.h"

#include <unistd.h>

#include "users/getpw.h"
#include "users/look.h"
#include "users/vpopmail.h"

static bool
from_getpw(
    const struct roster *roster, struct view local, struct account *out, const char **why)
{
	switch (roster ? roster_find(roster, local, out) : getpw_find(local, out)) {
	case GETPW_FOUND:
		return true;
	case GETPW_NO_ALIAS:
		*why = "there is no user alias";
		return false;
	case GETPW_HOME_ERROR:
		*why = "a home cannot be looked at";
		return false;
	case GETPW_BUSY:
		break;
	}
	*why = "the users of the system cannot be looked up";
	return false;
}

/* What qmail-lspawn would hand to no qmail-local, or qmail-local not take, is no answer. */
static bool
is_usable(const struct lookup *l, const struct account *account, const char **why)
{
	if (account->uid == 0 && !l->rootless)
		*why = "users/cdb names a user with uid 0";
	else if (account->home.len == 0 || account->home.at[0] != '/')
		*why = "users/cdb names a home that is no absolute path";
	else
		return true;
	return false;
}

static bool
find_account(void *context, struct view local, struct account *out, const char **why)
{
	const struct lookup *l = context;

	switch (account_from_cdb(local, out, NULL)) {
	case ANSWER_YES:
		return is_usable(l, out, why);
	case ANSWER_ERROR:
		*why = "users/cdb cannot be read";
		return false;
	case ANSWER_NO:
		break;
	}
	if (!l->rootless)
		return from_getpw(l->roster, local, out, why);
	account_of_alias(view_of(l->home), local, out);
	return true;
}

static enum dotqmail
state_of_home(void *context, const struct account *account)
{
	(void)context;
	return look_at_directory(str_text(&account->home));
}

static enum dotqmail
state_of_file(void *context, const struct account *account, const char *name)
{
	struct str path = { 0 };
	enum dotqmail state;

	(void)context;
	str_set(&path, str_view(&account->home));
	str_append_byte(&path, '/');
	str_append_text(&path, name);
	state = look_at_file(str_text(&path));
	str_free(&path);
	return state;
}

int
lookup_start(struct lookup *l)
{
	*l = (struct lookup) { .rootless = getpw_is_rootless() };
	if (!getcwd(l->home, sizeof l->home))
		return -1;
	l->sources = (struct deliverable_sources) { .context = l,
		.routes = &l->routes,
		.account = find_account,
		.home = state_of_home,
		.file = state_of_file,
		.behind_default = vpopmail_behind_default };
	return 0;
}

enum answer
lookup_read(struct lookup *l, struct problem *problem)
{
	routes_free(&l->routes);
	return routes_read(&l->routes, problem);
}

void
lookup_end(struct lookup *l)
{
	routes_free(&l->routes);
}
