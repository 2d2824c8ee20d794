/* nameindex - a hash of the names in a list (nameline.h), for one that is asked often: a list of
 * 20 000 lines is indexed in the time of some dozens of searches. */
#ifndef CONFIG_NAMEINDEX_H
#define CONFIG_NAMEINDEX_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/view.h"

/* {0} is not made yet. */
struct nameindex {
	struct nameindex_slot *slots;
	size_t size; /* a power of two, or 0 */
};

/* `text` is at most CONTROL_MAX octets, and the same one in all calls. */
void nameindex_make(struct nameindex *index, struct view text, char separator);
void nameindex_free(struct nameindex *index);

/* The last line with this name: its offset, and its number, from 1.  False if there is none; then
 * neither is touched. */
bool nameindex_find(const struct nameindex *index, struct view text, struct view name,
    size_t *offset, size_t *number);

#endif
