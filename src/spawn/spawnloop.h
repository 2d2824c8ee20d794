/* spawnloop - the common part of qmail-lspawn and qmail-rspawn: commands from qmail-send on
 * descriptor 0, one child for each, one report for each on descriptor 1 (outbound 5.2 to 5.4,
 * queue 4.8). */
#ifndef SPAWN_SPAWNLOOP_H
#define SPAWN_SPAWNLOOP_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "lib/deadline.h"
#include "lib/str.h"
#include "lib/view.h"
#include "wire/spawncommand.h"

struct spawnloop;

/* Deliveries that need no child of their own.  Nothing in it may block. */
struct spawnloop_pool {
	size_t waits_max; /* descriptors that it waits for, at most */
	/* Take a checked command over, and the message's descriptor with it; its report comes by
	 * spawnloop_report().  False: start a child. */
	bool (*take)(void *context, const struct spawncommand *command, int message);
	/* What it waits for: fill in, return how many, and make *until sooner. */
	size_t (*wait)(void *context, struct pollfd *wait, struct deadline *until);
	/* See to what came of that, and to what was taken; `eof`: no more commands will come. */
	void (*work)(void *context, struct spawnloop *loop, const struct pollfd *came,
	    size_t count, bool eof);
};

struct spawnloop_kind {
	/* Start the child for a command that was checked, with the message on its descriptor 0 and
	 * `output` on 1 and 2.  Its pid, or -1 with the whole report in *refusal. */
	pid_t (*start)(void *context, const struct spawncommand *command, int message,
	    int output, struct str *refusal);
	/* Append the report: K, Z or D and text.  NULs in it are dropped. */
	void (*report)(
	    void *context, int wait_status, struct view output, struct str *report);
	size_t
	    output_max; /* what is kept of a child's output; the rest is read and dropped */
	void *context;
	const struct spawnloop_pool *pool; /* NULL: none */
};

struct spawnloop_settings {
	unsigned width; /* octets of greeting and delnum: 1, or 2 (control/spawnwidth) */
	uid_t owner;    /* of every message */
};

/* Read control/spawnwidth and find the owner of messages: qmailq, or in a rootless instance (we are
 * neither root nor the user `self`) the caller.  The current directory is the home.  0; -1: no such
 * user, or an unreadable file. */
int spawnloop_settings_read(struct spawnloop_settings *out, const char *self);

/* Greet, and serve until EOF on descriptor 0 and the end of every child.  The current directory is
 * queue/mess.  0, or -1 with errno if it could not begin. */
int spawnloop_run(
    const struct spawnloop_kind *kind, const struct spawnloop_settings *settings);

/* For a pool.  The report of a delivery that it took: the slot is free then. */
void spawnloop_report(struct spawnloop *loop, unsigned delnum, struct view text);
/* It has to be a child after all; `message` stays the caller's. */
void spawnloop_child(
    struct spawnloop *loop, const struct spawncommand *command, int message);
size_t spawnloop_slots(const struct spawnloop *loop);

#endif
