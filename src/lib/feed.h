/* feed - a program that reads a message from us on its descriptor 0.  Half a message must never pass
 * for a whole one: when something fails the program is killed before it sees an end. */
#ifndef LIB_FEED_H
#define LIB_FEED_H

#include <sys/types.h>

#include "lib/spawn.h"
#include "lib/writer.h"

struct feed {
	pid_t pid;
	int fd;
	struct writer to; /* what the program will read */
	char buffer[65536];
};

/* Start the program.  0, or -1 with errno: nothing was started. */
int feed_start(struct feed *f, struct spawn *program);

/* Everything that `fd` still holds.  0; or -1 with errno: it cannot be read, and the program is no
 * more.  A program that stops reading is no error here: its exit code says what it thinks. */
int feed_copy(struct feed *f, int fd);

/* Send what is left, close, and wait.  0 with the raw wait status; or -1 with errno. */
int feed_end(struct feed *f, int *status);

#endif
