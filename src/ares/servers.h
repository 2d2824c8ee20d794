/* servers - which resolvers to ask: control/resolvers, else /etc/resolv.conf (its "nameserver" and
 * "options trust-ad" lines; nothing else of it applies), else 127.0.0.1. */
#ifndef ARES_SERVERS_H
#define ARES_SERVERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

#include "lib/ip.h"
#include "lib/log.h"
#include "lib/view.h"

enum { SERVERS_MAX = 6, SERVERS_PORT = 53 };

struct servers {
	struct server {
		struct ip ip;
		uint16_t port;
	} list[SERVERS_MAX];
	size_t count;
	/* Every one is marked trust-ad or on loopback.  (Which one answered cannot be told, so one
	 * that is not takes the trust from all.) */
	bool trusted;
};

/* One line of control/resolvers: "ip", "ip:port" or "[ip]:port", with " trust-ad" behind it or
 * not.  False, *out untouched, if it is not like that. */
bool servers_parse_line(struct view line, struct server *out, bool *trusted);

/* The whole of a resolv.conf.  What cannot be used is skipped; without a usable nameserver it is
 * 127.0.0.1. */
void servers_parse_resolv_conf(struct view text, struct servers *out);

/* What the files were when they were read: by device, inode, times and size. */
struct servers_files {
	struct servers servers;
	bool known; /* the rest holds */
	bool usable;
	struct stat seen[2];
	bool there[2];
};

/* The servers by now: reads the files again when one has changed.  NULL, with a line in the log at
 * each change, if control/resolvers is there and cannot be read or has no usable line.  Broken lines
 * among usable ones are logged and skipped. */
const struct servers *servers_now(struct servers_files *files, const struct log *log);

#endif
