/* serveloop - the helper's side, for helpers that serve all their clients in one process: one event
 * loop, nothing in it blocks.  (serveforking.h is for the others.) */
#ifndef WIRE_SERVELOOP_H
#define WIRE_SERVELOOP_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>

#include "lib/deadline.h"
#include "lib/log.h"
#include "lib/str.h"
#include "wire/kinds.h"
#include "wire/serve.h"

/* One connection; a helper's own client starts with it. */
struct serve_client {
	int fd;    /* -1: it is gone */
	bool busy; /* the helper's: nothing is read from it, only its end is seen */
	struct serve_job job; /* the last; the fields of the request are in `packet` */
	struct str packet;
	size_t at; /* in the list for poll() */
};

/* What a helper is.  `context` is what was given to the loop. */
struct serve_helper {
	const char *service;
	unsigned char kind; /* of requests; another is answered "unsupported" */
	unsigned char
	    last_kind; /* all from `kind` to this one, too; 0: there is one kind */
	bool
	    takes_descriptors; /* ask() takes those of the request (sets them to -1), or not */
	bool has_children;   /* serve_loop_one() too is woken by those that end */
	size_t most_clients; /* at a time, others wait; 0: SERVE_LOOP_CLIENTS */
	bool
	    turns_away; /* these do not wait, but find the connection closed: they can do without */
	size_t client_size; /* of its own client, which is zeroed */
	size_t waits_max;   /* descriptors that a busy client waits for, at most */

	/* A request came: build the answer and send it with serve_answer(), now or later. */
	void (*ask)(void *context, struct serve_client *client);

	/* All others may be NULL.  The sockets are there, no client has said anything: give up what
	 * the rest does not need.  Below 0, with errno, the loop does not begin. */
	int (*settle)(void);
	/* A client that came; and one that goes: free what is the helper's. */
	void (*begin)(void *context, struct serve_client *client, bool resident);
	void (*end)(struct serve_client *client);
	/* What a client that is busy waits for: fill in, return how many, and make *until sooner.  Then
	 * see to what came of that, or did not. */
	size_t (*wait)(
	    struct serve_client *client, struct pollfd *wait, struct deadline *until);
	void (*work)(struct serve_client *client, const struct pollfd *came);
	/* All requests of this wake-up were asked; a child that ended wakes the loop up, too. */
	void (*asked)(void *context);
	/* Make *until sooner if asked() is to be called by then. */
	void (*bound)(void *context, struct deadline *until);
};

/* Send the answer; a client that does not read its answers is not waited for. */
void serve_answer(struct serve_client *client);

/* Serve the client on `fd` until it goes. */
void serve_loop_one(
    const struct serve_helper *helper, void *context, int fd, const struct log *log);

/* Serve whoever connects to run/SERVICE/sock, until SIGTERM.  0; -1 with errno if that cannot be
 * begun. */
int serve_loop_many(
    const struct serve_helper *helper, void *context, const struct log *log);

enum { SERVE_LOOP_CLIENTS = 400 }; /* at a time; others wait */

#endif
