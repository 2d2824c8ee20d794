/* instructions - carry out the lines of a .qmail file, or the default delivery (queue 4.11). */
#ifndef LOCAL_INSTRUCTIONS_H
#define LOCAL_INSTRUCTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "lib/env.h"
#include "lib/view.h"
#include "local/localenv.h"
#include "local/outcome.h"

struct instructions {
	/* What the caller sets. */
	int message;                        /* to read; can be rewound */
	const struct delivery_lines *lines; /* header lines of this delivery */
	struct env_list *env;               /* for programs */
	struct view sender;                 /* of forwards */
	bool dry_run;       /* only say on descriptor 1 what would be done */
	bool forwards_only; /* as behind "+list" */

	/* What became of it. */
	uint64_t files, programs, forwards; /* the counts of "did F+W+P" */
	pid_t qp;                           /* 0: nothing was forwarded */

	struct view *recipients; /* forwards come last, all in one message */
	size_t recipient_count, recipient_size;
};

/* Carry out `text`, line by line; the first that fails ends it.  Its bytes must live as long.  With
 * forwards, the current directory is the qmail home afterwards. */
void instructions_run(struct instructions *in, struct view text, struct outcome *o);

void instructions_free(struct instructions *in);

#endif
