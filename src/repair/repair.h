/* repair - make a queue whole again that was copied, restored, or cut otherwise: every file has the name of
 * its message's inode, is where the others look for it, and has its owner and mode (queue 1.1 to 1.3).
 *
 * It may be killed at any moment: run again it comes to the same end, and no message is lost or delivered
 * twice for it.  Until then qmail-send cannot start, because lock/sendmutex has no mode. */
#ifndef REPAIR_REPAIR_H
#define REPAIR_REPAIR_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "queue/layout.h"

enum { REPAIR_OSSIFIED = 129600 }; /* seconds: older than any qmail-queue that lives */

enum repair_owner { REPAIR_QMAILQ, REPAIR_QMAILS, REPAIR_QMAILR, REPAIR_OWNERS };

struct repair {
	bool act;       /* else only say what is wrong */
	bool rescue;    /* queue what has all files but todo/N */
	uint64_t split; /* that is wanted; 0: the one there is */
	int big_todo;   /* 1, 0; -1: as it is */

	/* from here on its own */
	struct layout layout; /* as it is to be; fd is queue/ */
	bool is_root;
	uid_t uids[REPAIR_OWNERS];
	gid_t gid;
	bool as_users;            /* root acts as the queue's users from now on */
	enum repair_owner acting; /* REPAIR_OWNERS: as ourselves */
	int mutex_fd, sync_fds[2];
	mode_t mutex_mode; /* that it had */
	int64_t now;
	uint64_t found, left; /* what was wrong, and what still is */
	bool late;   /* a message came where it is not to be, after that was looked at */
	bool failed; /* something could not be done: the queue stays locked */
};

/* The current directory is the home.  0: what was found, and what of it is left, is in *r and was told on
 * descriptor 1; -1: it could not be begun, which was told on descriptor 2. */
int repair_run(struct repair *r);

/* --- what its parts share ------------------------------------------------------------------------------- */

/* Something is wrong.  Is it to be mended? */
bool repair_found(struct repair *r, const char *path, const char *what);
/* It is wrong, and stays so: the admin has to decide. */
void repair_left(struct repair *r, const char *path, const char *what);
/* What became of it: below 0 with errno, it was not. */
void repair_done(struct repair *r, const char *path, int result);

/* Once all belongs to its user, root acts as the one whose directory that is: so nobody's symbolic link
 * leads it astray. */
void repair_as(struct repair *r, enum layout_dir dir);
void repair_as_ourselves(struct repair *r);

/* Bring what was done so far to the disk, before what must come after it. */
void repair_sync(struct repair *r);

#endif
