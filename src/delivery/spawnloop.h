/* spawnloop - the common part of qmail-lspawn and qmail-rspawn: commands from qmail-send on
 * descriptor 0, one child for each, one report for each on descriptor 1 (outbound 5.2 to 5.4,
 * queue 4.8). */
#ifndef DELIVERY_SPAWNLOOP_H
#define DELIVERY_SPAWNLOOP_H

#include <stddef.h>
#include <sys/types.h>

#include "delivery/spawncommand.h"
#include "lib/str.h"
#include "lib/view.h"

enum {
	SPAWNLOOP_SLOTS = 120,      /* conf-spawn: what a 1-octet greeting says */
	SPAWNLOOP_SLOTS_WIDE = 509, /* what a 2-octet greeting says */
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

#endif
