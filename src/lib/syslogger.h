/* syslogger - entries for the syslog of this machine, as syslog(3) sends them, by who must not hang with it:
 * while it is away, or does not keep up, what it does not take within a while is lost, and counted. */
#ifndef LIB_SYSLOGGER_H
#define LIB_SYSLOGGER_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/str.h"
#include "lib/view.h"

enum {
	SYSLOGGER_PATIENCE_MS =
	    2000, /* spent by waiting, earned by entries taken at once */
	SYSLOGGER_REWARD_MS = 20,
};

struct syslogger {
	const char *path; /* of the socket */
	int fd;           /* -1: not connected */
	bool is_stream;   /* some have a stream, on which each entry ends in a NUL */
	int64_t patience_ms;
	uint64_t
	    lost; /* entries that it did not take; the caller tells, and sets it to 0 */
};

/* Connects at the first entry, and again when it must. */
void syslogger_init(struct syslogger *s, const char *path);
void syslogger_close(struct syslogger *s);

/* Hand over `entry`, "<PRIORITY>Mon DD HH:MM:SS TAG: TEXT"; waits no longer than patience is left.  False: it is
 * lost. */
bool syslogger_send(struct syslogger *s, struct view entry);

/* Append what an entry begins with, up to the tag: `priority` has the facility in it; the time is local. */
void syslogger_begin(struct str *out, int priority, int64_t seconds);

#endif
