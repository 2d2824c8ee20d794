/* walk - the numbers of the messages that have a file in one of the queue's directories. */
#ifndef QUEUE_WALK_H
#define QUEUE_WALK_H

#include <dirent.h>
#include <stdint.h>

#include "lib/answer.h"
#include "queue/layout.h"

struct walk {
	const struct layout *layout;
	enum layout_dir dir;
	uint64_t part; /* the next subdirectory */
	DIR *open;     /* the one that is read; NULL: none */
};

void walk_start(struct walk *w, const struct layout *layout, enum layout_dir dir);

/* The next number, in the order of the directories: ANSWER_YES with *n, or ANSWER_NO at the end.
 * ANSWER_ERROR with errno: subdirectory w->part - 1 cannot be read; the next call goes on behind it. */
enum answer walk_next(struct walk *w, uint64_t *n);
void walk_end(struct walk *w);

#endif
