/* prepared - one message being preprocessed: the files that are made from todo/N. */
#ifndef SEND_PREPARED_H
#define SEND_PREPARED_H

#include <stdbool.h>
#include <stdint.h>

#include "send/manager.h"
#include "send/todo.h"

enum { PREPARED_FILES = 1 + CHANNELS }; /* info, local, remote */

struct prepared {
	uint64_t id;
	uint64_t size; /* octets of mess/N */
	struct todo todo;
	int fds[PREPARED_FILES]; /* -1: there is no such file */
};

enum prepared_result {
	PREPARED_OK,
	PREPARED_GONE,   /* todo/N is not there any more */
	PREPARED_FAILED, /* a warning was logged; the next scan tries again */
};

/* Write the files; what an interrupted attempt left is replaced.  The descriptors stay open until
 * prepared_free(). */
enum prepared_result prepared_make(struct manager *m, uint64_t id, struct prepared *out);

/* Begin to bring its files to the disk; fsync each.  -1 when a warning was logged. */
void prepared_start_sync(const struct prepared *p);
int prepared_sync(struct manager *m, const struct prepared *p);
void prepared_log(const struct prepared *p);
void prepared_free(struct prepared *p);

/* The directory of file `i`. */
enum layout_dir prepared_dir(int i);

#endif
