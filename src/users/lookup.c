#include "users/lookup.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "users/failure.h"
#include "users/getpw.h"

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
state_of_failure(int error)
{
	if (error == EACCES || error == EPERM)
		return DOTQMAIL_FORBIDDEN;
	return failure_is_temporary(error) ? DOTQMAIL_FAILED : DOTQMAIL_ABSENT;
}

/* A home that is missing may be one that is not mounted: qmail-local defers. */
static enum dotqmail
look_at_home(void *context, const struct account *account)
{
	const char *home = str_text(&account->home);
	struct stat st;

	(void)context;
	if (stat(home, &st) < 0)
		return state_of_failure(errno) == DOTQMAIL_FORBIDDEN ? DOTQMAIL_FORBIDDEN
								     : DOTQMAIL_FAILED;
	if (!S_ISDIR(st.st_mode))
		return DOTQMAIL_FAILED;
	return access(home, X_OK) == 0 ? DOTQMAIL_PRESENT : DOTQMAIL_FORBIDDEN;
}

static enum dotqmail
look_at_file(void *context, const struct account *account, const char *name)
{
	struct str path = { 0 };
	struct stat st;
	enum dotqmail state = DOTQMAIL_ABSENT;

	(void)context;
	str_set(&path, str_view(&account->home));
	str_append_byte(&path, '/');
	str_append_text(&path, name);
	if (stat(str_text(&path), &st) < 0)
		state = state_of_failure(errno);
	else if (S_ISREG(st.st_mode))
		state = DOTQMAIL_PRESENT;
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
		.home = look_at_home,
		.file = look_at_file };
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
