/* brokerframe - what a process that may start no children says to its broker, and what it hears (DESIGN 4).
 *
 *   OPEN    to a resident broker, first of all: the environment that children get, the commands that
 *           may be wanted, the descriptor of the log.  "ok"; or "no" with TAG_REASON, if it would not
 *           start one of them.
 *   ADD     changes of the environment that do not fit into the next START; they are for that one only.
 *   START   a command, its descriptors, what is other in its environment than at the start.  The
 *           first descriptor is the handle: one end of a socketpair.  "ok" with the child's pid, or
 *           "no" with the errno of a failed exec.
 *   KILL    a child of this client: "ok", or "no" with an errno.
 *   ENDED   over the handle: the child has ended, with this wait status.
 *
 * Each but ENDED is answered before the next is asked.  A client that goes leaves its children. */
#ifndef WIRE_BROKERFRAME_H
#define WIRE_BROKERFRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "lib/spawn.h"
#include "lib/str.h"
#include "lib/view.h"
#include "wire/frame.h"

/* What a child's descriptor is: one of those that came along, by position, or one of these. */
enum { BROKER_LOG = 253, BROKER_CLOSED = 254, BROKER_NULL = 255 };

struct broker_start {
	struct view command; /* packed: brokercommands.h */
	bool keep_sigpipe_ignored;
	struct {
		uint8_t to, from;
	} fds[SPAWN_FDS];
	size_t fd_count;
};

/* Add it to a START.  The environment goes by TAG_BROKER_SET "NAME=value" and TAG_BROKER_UNSET "NAME". */
void brokerframe_add_start(struct str *packet, const struct broker_start *start);

/* False: it breaks a rule.  The handle is frame->fds[0], and no child's. */
bool brokerframe_start(const struct frame *frame, struct broker_start *out);

/* Answers, and ENDED. */
void brokerframe_pack_started(struct str *packet, const struct frame *request, pid_t pid);
void brokerframe_pack_failed(struct str *packet, const struct frame *request, int error);
void brokerframe_pack_ended(struct str *packet, int status);

/* The pid, or -1 with errno as it was over there. */
pid_t brokerframe_started(const struct frame *answer);
bool brokerframe_ended(const struct frame *frame, int *status);

void brokerframe_pack_kill(struct str *packet, pid_t pid, int signal_number);
bool brokerframe_kill(const struct frame *frame, pid_t *pid, int *signal_number);

/* "NAME=value" with both in order: a name without '=' or NUL that is not empty, a value without NUL. */
bool brokerframe_variable(struct view octets, struct view *name, struct view *value);

#endif
