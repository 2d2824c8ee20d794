/* variables - what a login may set in the environment of its session (inbound 4.2): a password checker
 * writes lines " NAME=value" to its descriptor 5, among those of auth/senders.h, which do not begin
 * with a blank. */
#ifndef CONFIG_VARIABLES_H
#define CONFIG_VARIABLES_H

#include <stdbool.h>

#include "lib/str.h"
#include "lib/view.h"

enum {
	VARIABLES_MAX = 64, /* of one login; the rest is left out */
	VARIABLE_NAME_MAX = 64,
	VARIABLE_VALUE_MAX = 1024,
	VARIABLES_OCTETS =
	    4096, /* of the lines of one login: they must fit into a pipe */
};

/* Capital letters, digits and '_', and no name that changes how programs are found or run, or which
 * home or session this is. */
bool variables_allow(struct view name);

/* A value has no control octets, and is not too long. */
bool variables_allow_value(struct view value);

void variables_append(struct str *lines, struct view name, struct view value);

/* The next line that is a variable which is allowed; *lines is what follows it.  False: none. */
bool variables_next(struct view *lines, struct view *name, struct view *value);

#endif
