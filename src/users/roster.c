#define _DEFAULT_SOURCE /* getpwent */
#include "users/roster.h"

#include <errno.h>
#include <pwd.h>
#include <stdlib.h>

#include "lib/ascii.h"
#include "lib/mem.h"
#include "lib/str.h"
#include "users/failure.h"

static const char DATA_BASE[] = "the users of the system";

/* qmail-getpw looks for no other names. */
static bool
can_be_asked_for(struct view name)
{
	size_t i;

	for (i = 0; i < name.len; i++)
		if (ascii_lower(name.at[i]) != name.at[i])
			return false;
	return name.len > 0 && name.len <= GETPW_NAME_MAX;
}

static void
add(struct roster *r, const struct passwd *pw, bool counts)
{
	if (r->count == r->size) {
		r->size = r->size ? 2 * r->size : 64;
		r->users = mem_resize(r->users, r->size * sizeof *r->users);
	}
	r->users[r->count] =
	    (struct roster_user) { .name = arena_copy(&r->mem, view_of(pw->pw_name)),
		    .home = arena_copy(&r->mem, view_of(pw->pw_dir)),
		    .uid = pw->pw_uid,
		    .gid = pw->pw_gid,
		    .order = r->count,
		    .counts = counts };
	r->count++;
}

static enum answer
take(struct roster *r, const struct passwd *pw, bool trusting, struct problem *problem)
{
	enum getpw_result result;

	if (!can_be_asked_for(view_of(pw->pw_name)))
		return ANSWER_YES;
	result = getpw_counts(pw, false);
	if (result == GETPW_HOME_ERROR) {
		problem_note(problem, pw->pw_dir, 0, "unreadable", errno);
		return ANSWER_ERROR;
	}
	add(r, pw, result == GETPW_FOUND || (trusting && errno == EACCES));
	return ANSWER_YES;
}

static int
compare(const void *one, const void *two)
{
	const struct roster_user *a = one, *b = two;
	int by_name = view_compare(a->name, b->name);

	if (by_name != 0)
		return by_name;
	return a->order < b->order ? -1 : a->order > b->order;
}

enum answer
roster_read(struct roster *r, bool trusting, struct problem *problem)
{
	enum answer answer = ANSWER_YES;
	const struct passwd *pw;

	setpwent();
	while (answer == ANSWER_YES && (errno = 0, pw = getpwent()) != NULL)
		answer = take(r, pw, trusting, problem);
	if (answer == ANSWER_YES && failure_is_temporary(errno)) {
		problem_note(problem, DATA_BASE, 0, "unreadable", errno);
		answer = ANSWER_ERROR;
	}
	endpwent();
	if (r->count > 0)
		qsort(r->users, r->count, sizeof *r->users, compare);
	return answer;
}

void
roster_free(struct roster *r)
{
	mem_free(r->users);
	arena_free(&r->mem);
	*r = (struct roster) { 0 };
}

/* The first with this name; NULL: there is none. */
static const struct roster_user *
named(const struct roster *r, struct view name)
{
	size_t low = 0, high = r->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (view_compare(r->users[middle].name, name) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low < r->count && view_equal(r->users[low].name, name) ? &r->users[low]
								      : NULL;
}

static enum getpw_result
fill(struct account *out, const struct roster_user *user, struct view ext, bool has_ext)
{
	str_set(&out->user, user->name);
	out->uid = user->uid;
	out->gid = user->gid;
	str_set(&out->home, user->home);
	str_set(&out->dash, has_ext ? VIEW("-") : VIEW(""));
	str_set(&out->ext, ext);
	return GETPW_FOUND;
}

enum getpw_result
roster_find(const struct roster *r, struct view local, struct account *out)
{
	const struct roster_user *user = NULL;
	struct str lower = { 0 };
	size_t end = local.len, at = 0;

	str_append_lower(&lower, local);
	while (!user && getpw_split(local, end, &at)) {
		user = named(r, view_first(str_view(&lower), at));
		if (user && !user->counts)
			user = NULL;
		if (at == 0)
			break;
		end = at - 1;
	}
	str_free(&lower);
	if (user)
		return fill(out, user, view_from(local, at + 1), at < local.len);
	user = named(r, VIEW("alias"));
	return user ? fill(out, user, local, true) : GETPW_NO_ALIAS;
}
