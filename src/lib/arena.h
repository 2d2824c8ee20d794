/* arena - memory of things that die together, such as one SMTP transaction.  {0} is valid and
 * empty.  In sanitizer builds each object is its own malloc, so that overruns are seen. */
#ifndef LIB_ARENA_H
#define LIB_ARENA_H

#include <stddef.h>

#include "lib/view.h"

struct arena {
	struct arena_block *blocks;
	size_t used; /* of the first block */
};

void *arena_alloc(struct arena *a, size_t len); /* aligned for anything; not zeroed */
struct view arena_copy(struct arena *a, struct view v); /* NUL-terminated past its end */
void arena_reset(struct arena *a); /* everything handed out is gone; keeps one block */
void arena_free(struct arena *a);

#endif
