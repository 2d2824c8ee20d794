/* brokerenv - what is other in the environment of a child than in the one that its broker knows: only that
 * is told with a START (brokerframe.h). */
#ifndef WIRE_BROKERENV_H
#define WIRE_BROKERENV_H

#include "lib/str.h"

/* The pointers of our environment, to compare with later; mem_free() them.  The strings stay where they are
 * while others take their places. */
char **brokerenv_copy(void);

/* Add what makes `now` of `base` to the frame `start`, and to `more` what finds no room in it: a
 * TAG_BROKER_SET for each entry that is new or other, a TAG_BROKER_UNSET for each name that is gone. */
void brokerenv_add_changes(
    struct str *start, struct str *more, char *const *base, char *const *now);

#endif
