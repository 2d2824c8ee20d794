/* stamp - which file, in which state, a path means: to notice that an admin replaced it. */
#ifndef TLS_STAMP_H
#define TLS_STAMP_H

#include <stdbool.h>
#include <stdint.h>

/* All zero: there is no such file.  No padding: may be hashed as octets. */
struct stamp {
	uint64_t device, inode, size;
	int64_t seconds, nanoseconds; /* of the last change */
};

struct stamp stamp_of(const char *path);
bool stamp_is_file(const struct stamp *s); /* there is something */

#endif
