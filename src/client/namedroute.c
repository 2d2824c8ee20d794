#include "client/namedroute.h"

#include <errno.h>
#include <sys/stat.h>

#include "client/bearer.h"
#include "client/namedvalue.h"

static bool
invalid(struct view name, const char *file, const char *what, struct problem *problem)
{
	struct str path = { 0 };

	namedvalue_own_path(&path, name, file);
	problem_note(problem, str_text(&path), 1, what, 0);
	str_free(&path);
	return false;
}

/* Only qmail-oauth may look into the directory; that it is there is all we need to know. */
static enum answer
has_oauth(struct view name, struct problem *problem)
{
	struct str path = { 0 };
	struct stat st;
	enum answer found = ANSWER_YES;

	str_append_text(&path, "control/oauth/");
	str_append(&path, name);
	if (stat(str_text(&path), &st) < 0) {
		found = errno == ENOENT || errno == ENOTDIR ? ANSWER_NO : ANSWER_ERROR;
		if (found == ANSWER_ERROR)
			problem_note(problem, str_text(&path), 0, "unreadable", errno);
	}
	str_free(&path);
	return found;
}

/* A user must come with something that proves it: without, mail would leave without credential. */
static bool
read_secret(struct view name, struct named_route *out, struct problem *problem)
{
	enum answer found = has_oauth(name, problem);

	if (found == ANSWER_ERROR)
		return false;
	if (found == ANSWER_YES) {
		str_set(&out->oauth, name);
		return true;
	}
	found = bearer_has_file(str_view(&out->user), problem);
	if (found == ANSWER_NO)
		found = namedvalue_own_line(
		    name, "password", &out->password, &out->credential_path, problem);
	if (found == ANSWER_ERROR)
		return false;
	if (found == ANSWER_NO || (out->password.at && out->password.len == 0))
		return invalid(name, "password",
		    "missing, and there is no token for the user either", problem);
	return true;
}

bool
namedroute_read(struct view name, enum route_protocol protocol, struct named_route *out,
    struct route_value *value, struct problem *problem)
{
	struct str path = { 0 };
	struct route_value v;
	enum answer found;

	*out = (struct named_route) { 0 };
	found = namedvalue_line(name, "relay", &out->relay_line, &path, problem);
	str_free(&path);
	if (found == ANSWER_ERROR)
		return false;
	if (found == ANSWER_NO)
		return invalid(name, "relay", "missing", problem);
	if (!route_parse(str_view(&out->relay_line), protocol, &v) || v.relay.len == 0 ||
	    v.user.len > 0)
		return invalid(name, "relay", "not a relay", problem);
	if (namedvalue_own_line(
		name, "user", &out->user, &out->credential_path, problem) == ANSWER_ERROR)
		return false;
	if (out->user.len > 0 && !read_secret(name, out, problem))
		return false;
	v.user = str_view(&out->user);
	v.pass = str_view(&out->password);
	*value = v;
	return true;
}

void
namedroute_free(struct named_route *route)
{
	str_free(&route->relay_line);
	str_free(&route->user);
	str_free(&route->oauth);
	str_free(&route->credential_path);
	str_wipe(&route->password);
}
