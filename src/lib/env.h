/* env - the environment, and a changed copy of it for a child. */
#ifndef LIB_ENV_H
#define LIB_ENV_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/view.h"

/* The value of `name`, or NULL if it is not set.  Set but empty is "". */
const char *env_value(const char *name);

/* Change our own environment: `entry` is "NAME=value" and is kept as it is, so it must live as long as
 * anybody may look.  What env_value() has given for this name stays what it was. */
void env_put(char *entry);
void env_unset(const char *name);

/* A child's environment.  {0} is empty; env_list_inherit() and env_list_copy() fill an empty one with
 * ours, or another's. */
struct env_list {
	char **entries; /* NULL-terminated, for execve; NULL while empty */
	size_t count, size;
	char *block; /* what the first entries, `in_block` of them, point into */
	size_t in_block;
};

void env_list_inherit(struct env_list *list);
void env_list_copy(struct env_list *list, const struct env_list *from);
const char *env_list_value(const struct env_list *list, const char *name); /* or NULL */
void env_list_set(
    struct env_list *list, const char *name, struct view value); /* up to a NUL */
void env_list_unset(struct env_list *list, const char *name);
char *const *env_list_array(struct env_list *list);
void env_list_free(struct env_list *list);

#endif
