/* rescue - messages of which all is there but todo/N.  On a disk that lost its power this is what becomes of
 * one that qmail-queue has just answered for: most do not sync the directory (queue 1.5).  It is also what
 * a qmail-queue that was killed leaves behind, whose sender was not told that the message is taken. */
#ifndef REPAIR_RESCUE_H
#define REPAIR_RESCUE_H

#include "repair/repair.h"

enum rescue {
	RESCUE_NOTHING,  /* to be done for it */
	RESCUE_POSSIBLE, /* but it was not asked for */
	RESCUE_ASKED,
};

/* Of message `n`, which has mess/N and is not queued. */
enum rescue rescue_look(struct repair *r, uint64_t n);
/* 0, or -1 with errno. */
int rescue_queue(struct repair *r, uint64_t n);

#endif
