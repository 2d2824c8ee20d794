/* controls - the control files that every delivery reads (outbound 2.1).  Routes, TLS and AUTH have
 * theirs where they are decided. */
#ifndef CLIENT_CONTROLS_H
#define CLIENT_CONTROLS_H

#include <stdbool.h>
#include <stdint.h>

#include "config/limits.h"
#include "lib/ip.h"
#include "lib/origin.h"
#include "lib/problem.h"
#include "lib/str.h"

struct controls {
	struct str helohost;
	int64_t timeoutconnect_ms, timeoutremote_ms;
	struct ip outgoing4, outgoing6; /* version 0: the kernel chooses */
	bool logdetail;                 /* reports have a line of details (detail.h) */
	struct limits limits;
	struct origin helohost_from, outgoing4_from, outgoing6_from; /* or "" */
};

enum controls_result {
	CONTROLS_OK,
	CONTROLS_UNREADABLE,   /* a file, or there is neither helohost nor me */
	CONTROLS_BAD_OUTGOING, /* outgoingip or outgoingip6 is no such address */
};

/* The current directory must be the home.  *out is filled in on CONTROLS_OK only; else `problem`
 * is. */
enum controls_result controls_read(struct controls *out, struct problem *problem);
void controls_free(struct controls *controls);

#endif
