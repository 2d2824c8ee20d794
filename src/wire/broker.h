/* broker - the side of a process whose children another one starts, so that it may give up to start
 * programs itself (os/restrict.h; DESIGN 4).  With broker_use() all that lib/spawn starts goes through
 * here: its callers cannot tell.
 *
 * A broker starts what is on a list that was made before anything came from the network, and passes on
 * descriptors.  It is resident ("qmail-broker serve", at run/SERVICE/sock), or a process that was forked
 * off before (broker/forked.h).  When it is gone, a start fails with EAGAIN, like one for which there
 * are too many processes; and a wait with ECHILD. */
#ifndef WIRE_BROKER_H
#define WIRE_BROKER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "lib/spawn.h"
#include "lib/str.h"
#include "wire/brokercommands.h"

enum { BROKER_CHILDREN = 16 }; /* of one client, at a time; more are EAGAIN */

struct broker {
	int fd;              /* -1: gone */
	pid_t pid;           /* of one that was forked off, until it is reaped; else 0 */
	const char *service; /* NULL: it was forked off */
	struct broker_commands commands;
	uint32_t next_id;
	char **base; /* the environment as the broker knows it */
	struct {
		pid_t pid;
		int handle;
	} children[BROKER_CHILDREN];
	size_t count;
	struct str request, more, answer;
	struct spawn_broker hooks;
};

/* Is a resident one there?  Then *b is connected to it, and broker_agree() is next. */
bool broker_reach(struct broker *b, const char *service);

/* Does it start all of `commands`?  They go over to *b then, which is ready for broker_use(); the
 * environment must not change until that.  False: *reason is replaced, and *b is not connected any
 * more. */
bool broker_agree(struct broker *b, struct broker_commands *commands, struct str *reason);

/* One was forked off: it is at the other end of `fd`. */
void broker_take(struct broker *b, int fd, pid_t pid);

/* From now on spawn_start() and its kin ask *b, which stays where it is. */
void broker_use(struct broker *b);

/* The process starts its children itself again, as far as it may.  One that was forked off ends,
 * and is reaped. */
void broker_end(struct broker *b);

#endif
