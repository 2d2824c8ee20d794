/* message - what the files of the queue say of one message, for people: read while qmail-send works on
 * them, in bounded memory. */
#ifndef QTOOL_MESSAGE_H
#define QTOOL_MESSAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/answer.h"
#include "lib/str.h"
#include "queue/layout.h"
#include "users/route.h"
#include "wire/queuectl.h"

struct message {
	uint64_t id;
	int64_t birth; /* when it entered the queue: seconds since 1970 */
	uint64_t size;
	struct str sender;
	bool is_new;      /* qmail-send has not looked at it yet: it has no channels */
	bool bouncing;    /* a recipient has failed */
	uint64_t left;    /* recipients that are not done */
	struct str first; /* of these */
	struct queuectl_state state; /* how it stands: reach.h fills that in */
};

/* ANSWER_NO: there is no such message (any more).  ANSWER_ERROR with errno.  `id` may be in todo/ only. */
enum answer message_read(const struct layout *layout, uint64_t id, struct message *out);
void message_free(struct message *m);

struct message_recipient {
	enum channel_kind kind; /* of a message that is not new */
	uint64_t offset;        /* of its record in the file */
	bool done;
	struct view address;
};

/* Each recipient, in the order of the files.  0; or -1 with errno: not all of them. */
typedef void message_each(void *context, const struct message_recipient *recipient);
int message_recipients(const struct layout *layout, const struct message *m,
    message_each *each, void *context);

/* "in todo", "held", "active" and so on: the one word for how it stands; *at is when it is tried next, 0 if
 * that says nothing. */
const char *message_standing(const struct message *m, int64_t now, int64_t *at);

#endif
