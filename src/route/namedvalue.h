/* namedvalue - the values of a named route: control/routes/NAME/FILE, one value a file.  What is not
 * there is as its profile says, which the file "profile" names: profiles/PROFILE/FILE, which comes with
 * the programs.  Credentials are never in a profile: namedvalue_own_line() is for them. */
#ifndef ROUTE_NAMEDVALUE_H
#define ROUTE_NAMEDVALUE_H

#include "config/control.h"
#include "lib/answer.h"
#include "lib/problem.h"
#include "lib/str.h"
#include "lib/view.h"

/* All bytes of the value.  `name` is one that token_is_name() lets pass, `file` a literal.
 * ANSWER_YES: *out is replaced, and *path by the path of the file that was read; both are else
 * untouched.  ANSWER_NO: neither has it.  ANSWER_ERROR with `problem`, also when there is no such
 * profile.  The current directory must be the home. */
enum answer namedvalue_read(struct view name, const char *file, struct str *out,
    struct str *path, struct problem *problem);

/* The same, as control_line() and control_list() read a file. */
enum answer namedvalue_line(struct view name, const char *file, struct str *out,
    struct str *path, struct problem *problem);
enum answer namedvalue_list(struct view name, const char *file, struct control_list *out,
    struct str *path, struct problem *problem);

/* The first line of the route's own file. */
enum answer namedvalue_own_line(struct view name, const char *file, struct str *out,
    struct str *path, struct problem *problem);

/* Replace *path by that of the route's own file. */
void namedvalue_own_path(struct str *path, struct view name, const char *file);

#endif
