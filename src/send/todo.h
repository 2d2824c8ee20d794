/* todo - the records that qmail-queue leaves in todo/N (queue 1.4).  Pure. */
#ifndef SEND_TODO_H
#define SEND_TODO_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/str.h"
#include "lib/view.h"

struct todo { /* {0} before the first record */
	uint64_t uid, qp;
	bool has_sender;
	struct str sender;
};

enum todo_record {
	TODO_NOTED,     /* in the struct */
	TODO_RECIPIENT, /* *recipient is one */
	TODO_UNKNOWN,   /* record type: the message cannot be understood */
};

enum todo_record todo_take(struct todo *todo, struct view record, struct view *recipient);
void todo_free(struct todo *todo);

#endif
