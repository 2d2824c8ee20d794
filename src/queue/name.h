/* name - names of files in the queue (queue 1.2). */
#ifndef QUEUE_NAME_H
#define QUEUE_NAME_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/view.h"

enum {
	NAME_MAX_OCTETS = 80, /* of a path below queue/, its NUL included */
	NAME_PID_TRIES = 9,   /* the third number of a name in pid/ is 1 to 9 */
};

/* "pid/PID.TIME.TRY". */
void name_pid(char out[NAME_MAX_OCTETS], uint64_t pid, uint64_t now, unsigned try);

/* "DIR/N", or "DIR/K/N". */
void name_flat(char out[NAME_MAX_OCTETS], const char *dir, uint64_t n);
void name_split(char out[NAME_MAX_OCTETS], const char *dir, uint64_t k, uint64_t n);

/* The number of a message: decimal digits only, and it fits.  *out is untouched if not. */
bool name_number(struct view text, uint64_t *out);

#endif
