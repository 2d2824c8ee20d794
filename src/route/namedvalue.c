#include "route/namedvalue.h"

#include <errno.h>
#include <unistd.h>

#include "wire/token.h"

static const char ROUTES[] = "control/routes", PROFILES[] = "profiles";

static void
set_path(struct str *path, const char *directory, struct view name, const char *file)
{
	str_clear(path);
	str_append_text(path, directory);
	str_append_byte(path, '/');
	str_append(path, name);
	if (*file)
		str_append_byte(path, '/');
	str_append_text(path, file);
}

void
namedvalue_own_path(struct str *path, struct view name, const char *file)
{
	set_path(path, ROUTES, name, file);
}

enum answer
namedvalue_own_line(struct view name, const char *file, struct str *out, struct str *path,
    struct problem *problem)
{
	set_path(path, ROUTES, name, file);
	return control_line(str_text(path), out, problem);
}

/* A profile that is not there must not be taken for one that says nothing. */
static enum answer
without_value(struct view profile, const struct str *asking, struct problem *problem)
{
	struct str path = { 0 };
	enum answer found = ANSWER_NO;

	set_path(&path, PROFILES, profile, "");
	if (access(str_text(&path), F_OK) < 0) {
		problem_note(problem, str_text(asking), 1, "no such profile", errno);
		found = ANSWER_ERROR;
	}
	str_free(&path);
	return found;
}

/* What the route's profile says, if it names one.  *path is replaced in any case. */
static enum answer
read_of_profile(struct view name, const char *file, struct str *bytes, struct str *path,
    struct problem *problem)
{
	struct str profile = { 0 }, asking = { 0 };
	enum answer found =
	    namedvalue_own_line(name, "profile", &profile, &asking, problem);

	if (found == ANSWER_YES && !token_is_name(str_view(&profile))) {
		problem_note(
		    problem, str_text(&asking), 1, "not the name of a profile", 0);
		found = ANSWER_ERROR;
	}
	if (found == ANSWER_YES) {
		set_path(path, PROFILES, str_view(&profile), file);
		found = control_bytes(str_text(path), bytes, problem);
		if (found == ANSWER_NO)
			found = without_value(str_view(&profile), &asking, problem);
	}
	str_free(&profile);
	str_free(&asking);
	return found;
}

enum answer
namedvalue_read(struct view name, const char *file, struct str *out, struct str *path,
    struct problem *problem)
{
	struct str bytes = { 0 }, place = { 0 };
	enum answer found;

	set_path(&place, ROUTES, name, file);
	found = control_bytes(str_text(&place), &bytes, problem);
	if (found == ANSWER_NO)
		found = read_of_profile(name, file, &bytes, &place, problem);
	if (found == ANSWER_YES) {
		str_set(out, str_view(&bytes));
		str_set(path, str_view(&place));
	}
	str_free(&bytes);
	str_free(&place);
	return found;
}

enum answer
namedvalue_line(struct view name, const char *file, struct str *out, struct str *path,
    struct problem *problem)
{
	struct str bytes = { 0 };
	enum answer found = namedvalue_read(name, file, &bytes, path, problem);

	if (found == ANSWER_YES) {
		struct view all = control_without_mark(str_view(&bytes));

		str_set(out, view_trim_right(view_first(all, view_index(all, '\n'))));
	}
	str_free(&bytes);
	return found;
}

enum answer
namedvalue_list(struct view name, const char *file, struct control_list *out,
    struct str *path, struct problem *problem)
{
	struct str bytes = { 0 };
	enum answer found = namedvalue_read(name, file, &bytes, path, problem);

	if (found == ANSWER_YES)
		control_list_parse(str_view(&bytes), out);
	str_free(&bytes);
	return found;
}
