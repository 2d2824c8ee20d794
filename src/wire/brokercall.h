/* brokercall - one request of a broker's client, and its answer; and what is done when there is none. */
#ifndef WIRE_BROKERCALL_H
#define WIRE_BROKERCALL_H

#include "wire/broker.h"
#include "wire/frame.h"

/* Send `packet` with these descriptors, and hear the answer, which lives until the next one.  0; or -1, and
 * b->fd is closed: with EPIPE the broker has not got it, with EAGAIN nobody knows.  One that does not
 * answer in time or breaks the rules is as good as dead, with all its children. */
int brokercall_ask(struct broker *b, struct str *packet, const int *fds, size_t fd_count,
    struct frame *answer);

/* One of our own may have died: it is not left to lie there for the rest of a session.  `options` are
 * those of waitpid(); b->pid is 0 once it is reaped. */
void brokercall_bury(struct broker *b, int options);

void brokercall_forget_children(struct broker *b);

#endif
