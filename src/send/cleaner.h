/* cleaner - qmail-send's side of qmail-clean (queue 4.4).  Requests are pipelined: the answers come
 * in their order. */
#ifndef SEND_CLEANER_H
#define SEND_CLEANER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "queue/name.h"
#include "users/route.h"

enum {
	CLEANER_SHARE =
	    64, /* outstanding of each kind, so that neither waits for the other */
	CLEANER_REQUESTS = 2 * CLEANER_SHARE, /* together less than a pipe holds */
};

enum clean_kind {
	CLEAN_TODO, /* the message is preprocessed: remove intd/N and todo/N */
	CLEAN_FOOP, /* the message is finished, or debris: remove intd/N and mess/N */
};

struct clean_request {
	enum clean_kind kind;
	uint64_t id;
	bool has[CHANNELS]; /* of CLEAN_TODO: the message has recipients there */
	uint32_t sender;    /* of CLEAN_TODO: its hash (messages.h) */
};

struct cleaner {
	bool alive;
	int request_fd, answer_fd;
	bool big_todo;
	uint64_t split;
	struct clean_request queue[CLEANER_REQUESTS];
	size_t first, count;
	size_t todo_count;              /* of those, CLEAN_TODO */
	char answers[CLEANER_REQUESTS]; /* read, and not taken yet */
	size_t answered, taken;
};

/* How many requests of that kind may be sent now; 0 when it is gone. */
size_t cleaner_room(const struct cleaner *c, enum clean_kind kind);

/* Send a request; there must be room.  0, or -1 when qmail-clean is gone. */
int cleaner_request(struct cleaner *c, const struct clean_request *request);

/* Whether an answer about this message is outstanding. */
bool cleaner_is_asked(const struct cleaner *c, uint64_t id);

/* Read what was answered; call it when answer_fd is readable.  0, or -1 when qmail-clean is gone. */
int cleaner_read(struct cleaner *c);

enum clean_answer {
	CLEAN_NONE, /* no more was read */
	CLEAN_DONE,
	CLEAN_FAILED,
};

/* Take the next answer that was read.  *request is what it answers. */
enum clean_answer cleaner_answer(struct cleaner *c, struct clean_request *request);

/* The text of a request, as it is sent and logged. */
void cleaner_text(const struct cleaner *c, const struct clean_request *request,
    char out[NAME_MAX_OCTETS]);

#endif
