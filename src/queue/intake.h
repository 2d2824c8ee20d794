/* intake - one message into the queue: the files, in the order that makes an acknowledged message
 * survive a power loss (queue 1.5).  Exists from a file in pid/ over mess/N and intd/N to todo/N;
 * the message is the queue's from the moment that todo/N exists. */
#ifndef QUEUE_INTAKE_H
#define QUEUE_INTAKE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "lib/view.h"
#include "os/restrict.h"
#include "queue/exits.h"
#include "queue/layout.h"

struct intake {
	const struct layout *layout;
	uint64_t pid, now; /* make the name in pid/ */
	int64_t give_up_ms;
	uint64_t number;                   /* N: the inode of mess/N */
	unsigned pid_names;                /* bit k: pid/P.T.k is there */
	bool has_mess, has_intd, has_todo; /* names that we made */
	int mess_fd, intd_fd, todo_dir_fd, mess_dir_fd;
};

/* Each step is QUEUE_OK or the reason that there will be no message; after a reason the only step
 * left is intake_abandon().  A commit at or after `give_up_ms` (os_boottime_ms()) is QUEUE_TIMEOUT:
 * alarm() does not count while the machine is suspended, but debris ages. */
enum queue_exit intake_begin(struct intake *in, const struct layout *layout, pid_t pid,
    int64_t now, int64_t give_up_ms);
enum queue_exit intake_message(struct intake *in, struct view octets);
enum queue_exit intake_message_end(struct intake *in);
/* The records of intd/N (queue 1.4), which is created with the first of them. */
enum queue_exit intake_envelope(struct intake *in, struct view octets);
enum queue_exit intake_commit(struct intake *in);

/* Remove every name that was made, so that nobody fills the disk with debris; but nothing once
 * todo/N was linked, because then the message may be somebody else's already. */
void intake_abandon(struct intake *in);

/* What all of this needs, and the pull of the trigger: files in queue/, and where the directories
 * in it point to that are symbolic links. */
struct restrict_plan intake_plan(const struct layout *layout);

#endif
