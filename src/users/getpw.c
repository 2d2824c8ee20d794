#define _XOPEN_SOURCE 700 /* realpath */
#include "users/getpw.h"

#include <errno.h>
#include <pwd.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "users/failure.h"

bool
getpw_split(struct view local, size_t end, size_t *at)
{
	size_t i;

	for (i = end;; i--) {
		if (i <= GETPW_NAME_MAX && (i == local.len || local.at[i] == '-')) {
			*at = i;
			return true;
		}
		if (i == 0)
			return false;
	}
}

bool
getpw_is_rootless(void)
{
	struct stat st;

	return getuid() != 0 && stat(".", &st) == 0 && st.st_uid == getuid();
}

static void
fill(struct account *out, const struct passwd *pw, struct view ext, bool has_ext)
{
	str_set(&out->user, view_of(pw->pw_name));
	out->uid = pw->pw_uid;
	out->gid = pw->pw_gid;
	str_set(&out->home, view_of(pw->pw_dir));
	str_set(&out->dash, has_ext ? VIEW("-") : VIEW(""));
	str_set(&out->ext, ext);
}

/* The entry, or NULL: with *result GETPW_BUSY if nobody can say. */
static const struct passwd *
look_up(struct view name, enum getpw_result *result)
{
	struct str lower = { 0 };
	const struct passwd *pw;

	str_append_lower(&lower, name);
	errno = 0;
	pw = getpwnam(str_text(&lower));
	if (!pw && (errno == ETXTBSY || failure_is_temporary(errno)))
		*result = GETPW_BUSY;
	str_free(&lower);
	return pw;
}

enum getpw_result
getpw_counts(const struct passwd *pw, bool rootless)
{
	struct stat st;

	errno = 0;
	if (pw->pw_uid == 0 || (rootless && pw->pw_uid != getuid()))
		return GETPW_NO_ALIAS;
	if (stat(pw->pw_dir, &st) < 0)
		return failure_is_temporary(errno) ? GETPW_HOME_ERROR : GETPW_NO_ALIAS;
	return st.st_uid == pw->pw_uid ? GETPW_FOUND : GETPW_NO_ALIAS;
}

/* GETPW_NO_ALIAS here means: not this one. */
static enum getpw_result
try_user(struct view local, size_t end, bool rootless, struct account *out)
{
	enum getpw_result result = GETPW_NO_ALIAS;
	const struct passwd *pw = look_up(view_first(local, end), &result);

	if (!pw)
		return result;
	result = getpw_counts(pw, rootless);
	if (result == GETPW_FOUND)
		fill(out, pw, view_from(local, end + 1), end < local.len);
	return result;
}

static enum getpw_result
own_alias(struct view local, struct account *out)
{
	char *home = realpath("alias", NULL);

	if (!home)
		return failure_is_temporary(errno) ? GETPW_HOME_ERROR : GETPW_NO_ALIAS;
	str_set(&out->user, VIEW("alias"));
	out->uid = getuid();
	out->gid = getgid();
	str_set(&out->home, view_of(home));
	str_set(&out->dash, VIEW("-"));
	str_set(&out->ext, local);
	free(home);
	return GETPW_FOUND;
}

static enum getpw_result
system_alias(struct view local, struct account *out)
{
	enum getpw_result result = GETPW_NO_ALIAS;
	const struct passwd *pw = look_up(VIEW("alias"), &result);

	if (!pw)
		return result;
	fill(out, pw, local, true);
	return GETPW_FOUND;
}

enum getpw_result
getpw_find(struct view local, struct account *out)
{
	bool rootless = getpw_is_rootless();
	size_t end = local.len, at;

	while (getpw_split(local, end, &at)) {
		enum getpw_result result = try_user(local, at, rootless, out);

		if (result != GETPW_NO_ALIAS)
			return result;
		if (at == 0)
			break;
		end = at - 1;
	}
	return rootless ? own_alias(local, out) : system_alias(local, out);
}
