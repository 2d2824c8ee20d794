#include "route/tokenfile.h"

#include <errno.h>
#include <unistd.h>

#include "config/control.h"
#include "wire/token.h"

/* False: the user's name cannot be that of a file. */
static bool
set_path(struct str *path, struct view user)
{
	if (user.len == 0 || user.at[0] == '.' || view_index(user, '/') < user.len)
		return false;
	str_clear(path);
	str_append_text(path, "control/oauthtokens");
	str_append_byte(path, '/');
	str_append(path, user);
	return true;
}

enum answer
tokenfile_exists(struct view user, struct problem *problem)
{
	struct str path = { 0 };
	enum answer found = ANSWER_NO;

	if (set_path(&path, user) && access(str_text(&path), F_OK) == 0) {
		found = ANSWER_YES;
	} else if (path.len > 0 && errno != ENOENT && errno != ENOTDIR &&
	    errno != ENAMETOOLONG) {
		problem_note(problem, str_text(&path), 0, "unreadable", errno);
		found = ANSWER_ERROR;
	}
	str_free(&path);
	return found;
}

enum answer
tokenfile_read(struct view user, struct str *token, struct problem *problem)
{
	struct str path = { 0 };
	enum answer found = tokenfile_exists(user, problem);

	if (found == ANSWER_YES && set_path(&path, user)) {
		found = control_line(str_text(&path), token, problem);
		if (found == ANSWER_YES && !token_is_token(str_view(token))) {
			problem_note(problem, str_text(&path), 1, "not a token", 0);
			found = ANSWER_ERROR;
		}
	}
	str_free(&path);
	return found;
}
