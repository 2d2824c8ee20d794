/* desk - where an admin is served: qmail-send answers qmail-q at run/send/sock (wire/queuectl.h): how messages stand, and what is to
 * become of them.  It answers root and its own user.  Nothing here waits: a client that does not read its
 * answers loses its connection. */
#ifndef SEND_DESK_H
#define SEND_DESK_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>

#include "lib/view.h"
#include "queue/holds.h"
#include "send/reasons.h"
#include "wire/frame.h"

struct manager;

enum { DESK_CLIENTS = 16, DESK_POLLS = 1 + DESK_CLIENTS };

struct desk_client {
	int fd;             /* -1: the place is free */
	struct order *task; /* what it waits for (order.h); NULL: nothing */
};

struct desk {
	bool started;
	int listener; /* -1: there is no run/send, or no need */
	struct desk_client clients[DESK_CLIENTS];
	struct holds holds; /* domains, and messages as they were at the start */
	struct reasons reasons;
};

/* The current directory is the home, the queue is locked.  0; or -1 when it cannot be found out what is held:
 * then nothing must be delivered.  Without a socket qmail-send works all the same.  From now on
 * m->was_held knows. */
int desk_start(struct manager *m);
void desk_free(struct desk *c);

/* What to wait for: DESK_POLLS entries; then serve what came. */
void desk_list(const struct desk *c, struct pollfd *list);
void desk_serve(struct manager *m, const struct pollfd *list);

/* Is the domain of that recipient held? */
bool desk_holds_domain(const struct desk *c, struct view recipient);

/* Do some more of what was asked for: nobody's mail waits long for it. */
void desk_do(struct manager *m);
bool desk_is_busy(const struct desk *c);

#endif
