/* log - the log line of the suite, one per event, on stderr:
 *
 *   PROGRAM[PID]: EVENT sid=S ip=I key=value ...
 *
 * In values every byte outside 0x21..0x7e, and the backslash, is \xHH; a value is cut at 256
 * bytes, a line at 1024.  Events and keys are in the tables below, and are never renamed. */
#ifndef LIB_LOG_H
#define LIB_LOG_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/problem.h"
#include "lib/str.h"
#include "lib/view.h"

#define LOG_EVENTS(X)                                                                   \
	X(ACCEPT, "accept")     /* a message was accepted: qp, octets, rcpts */         \
	X(REFUSE, "refuse")     /* a command was refused: code, check, by */            \
	X(AUTH, "auth")         /* an AUTH exchange ended: result, user, mech */        \
	X(TLS, "tls")           /* a handshake ended: result, proto, cipher */          \
	X(END, "end")           /* a session ended otherwise than by QUIT: reason */    \
	X(COMMAND, "command")   /* each command, at level 2: verb, code */              \
	X(CONFIG, "config")     /* a control file is missing, unreadable or broken */   \
	X(HELPER, "helper")     /* a helper is missing, slow or dead: helper, reason */ \
	X(WARNING, "warning")   /* something an admin should know */                    \
	X(SERVE, "serve")       /* a resident helper starts, stops, or lost a worker */ \
	X(ROUTE, "route")       /* what was chosen for a delivery */                    \
	X(SPF, "spf")           /* what SPF says of a sender: result, mech, reason */   \
	X(DNSCHECK, "dnscheck") /* what another check that asks the DNS found */        \
	X(SCAN, "scan")         /* what a scanner said of a message: check, result */   \
	X(TOKEN, "token")   /* an OAuth 2 token was renewed, or not: route, result */   \
	X(STS, "sts")       /* an MTA-STS policy was fetched, or not: host, result */   \
	X(TLSRPT, "tlsrpt") /* a report on TLS was sent, or not: host, to, result */

#define LOG_KEYS(X)           \
	X(SID, "sid")         \
	X(IP, "ip")           \
	X(CODE, "code")       \
	X(CHECK, "check")     \
	X(BY, "by")           \
	X(QP, "qp")           \
	X(OCTETS, "octets")   \
	X(RCPTS, "rcpts")     \
	X(FROM, "from")       \
	X(TO, "to")           \
	X(HELO, "helo")       \
	X(USER, "user")       \
	X(MECH, "mech")       \
	X(RESULT, "result")   \
	X(REASON, "reason")   \
	X(PROTO, "proto")     \
	X(CIPHER, "cipher")   \
	X(SNI, "sni")         \
	X(FILE, "file")       \
	X(VERB, "verb")       \
	X(HELPER, "helper")   \
	X(ERROR, "error")     \
	X(HOST, "host")       \
	X(PORT, "port")       \
	X(ROUTE, "route")     \
	X(TEXT, "text")       \
	X(DROPPED, "dropped") \
	X(PID, "pid")         \
	X(COUNT, "count")     \
	X(SCORE, "score")     \
	X(MS, "ms")

#define LOG_EVENT_NAME(name, text) LOG_##name,
#define LOG_KEY_NAME(name, text)   KEY_##name,
enum log_event { LOG_EVENTS(LOG_EVENT_NAME) LOG_EVENT_COUNT };
enum log_key { LOG_KEYS(LOG_KEY_NAME) LOG_KEY_COUNT };
#undef LOG_EVENT_NAME
#undef LOG_KEY_NAME

/* Where a program's lines go.  {0} is valid and silent (level 0). */
struct log {
	const char *program;
	int level;       /* 0 silent, 1 events, 2 each command too */
	int fd;          /* usually 2 */
	struct view sid; /* session id; empty: left out */
	struct view ip;  /* of the peer; empty: left out */
};

/* One line being put together; `text` may be reused for the next. */
struct log_line {
	const struct log *log;
	struct str text;
};

void log_begin(struct log_line *line, const struct log *log, enum log_event event);
void log_add(struct log_line *line, enum log_key key, struct view value);
void log_add_text(struct log_line *line, enum log_key key, const char *value);
/* "FILE:LINE"; the file alone if the line is 0. */
void log_add_place(
    struct log_line *line, enum log_key key, const char *file, uint64_t number);
void log_add_u64(struct log_line *line, enum log_key key, uint64_t value);
/* Write the line with one write and free it.  Nothing at level 0; failures are ignored. */
void log_end(struct log_line *line);
/* Append it to `out` instead, with its LF. */
void log_take(struct log_line *line, struct str *out);

/* Whole lines for the common cases. */
void log_problem(const struct log *log, const struct problem *problem); /* LOG_CONFIG */
void log_warning(const struct log *log, const char *text, struct view detail);

#endif
