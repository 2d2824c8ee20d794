/* bounce - failures are collected in bounce/N, and sent when the message is through (queue 4.7). */
#ifndef SEND_BOUNCE_H
#define SEND_BOUNCE_H

#include <stdint.h>
#include <sys/types.h>

#include "lib/view.h"
#include "queue/layout.h"
#include "send/bouncetext.h"
#include "send/messageinfo.h"
#include "send/sendsettings.h"
#include "users/route.h"

/* Append the paragraph of a recipient to bounce/N and sync it, and its name when it is new (queue
 * 1.5).  What a crash has cut before it is removed (bouncetail.h).  0, or -1 with errno; then bounce/N names
 * nobody more. */
int bounce_append(const struct layout *layout, const struct routes *routes, uint64_t id,
    struct view recipient, struct view report);

/* The same for paragraphs that are put together already. */
int bounce_append_text(const struct layout *layout, uint64_t id, struct view text);

/* How many octets of bounce/N are to be sent; 0: it names nobody.  -1 with errno. */
int64_t bounce_size(const struct layout *layout, uint64_t id);

/* Start a child that hands the bounce of message `id` to qmail-queue, so that a slow filter does not
 * hold up deliveries.  Its pid, with *result_fd to be read to EOF; or -1 with errno. */
pid_t bounce_send(const struct layout *layout, const struct sendsettings *settings,
    uint64_t id, const struct messageinfo *info, int64_t now, int *result_fd);

enum bounce_sent {
	BOUNCE_SENT,
	BOUNCE_NOT_STARTED,      /* qmail-queue could not be run */
	BOUNCE_REFUSED,          /* try later */
	BOUNCE_REFUSED_FOR_GOOD, /* likewise, but there is little hope */
};

/* Read what the child says, and reap it.  *qp is the pid of qmail-queue. */
enum bounce_sent bounce_result(pid_t pid, int *result_fd, uint64_t *qp);

#endif
