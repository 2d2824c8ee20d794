/* session - one SMTP connection as its two ends see it: commands out, replies in.  Knows neither
 * what the commands mean nor what the report says. */
#ifndef CLIENT_SESSION_H
#define CLIENT_SESSION_H

#include <stdbool.h>
#include <stdint.h>

#include "client/watch.h"
#include "config/limits.h"
#include "lib/answer.h"
#include "lib/deadline.h"
#include "lib/reader.h"
#include "lib/view.h"
#include "lib/writer.h"
#include "smtp/capability.h"
#include "smtp/remotereply.h"

struct session {
	int fd; /* the network, or the plaintext side of qmail-tls; -1: none */
	int64_t timeout_ms;  /* of each wait */
	struct deadline end; /* of the whole delivery */
	bool tls;            /* qmail-tls is between us and the network */
	bool dropped;        /* it died because the peer closed it */
	bool over;           /* died, or the server said 421: no QUIT */
	bool crowded; /* the server, or one before it, has too many of our connections */
	struct remotereply reply; /* the last one */
	/* Called with each reply; may be NULL. */
	void (*heard)(void *context, const struct remotereply *reply);
	void *heard_context;
	struct capabilities offers; /* of the last EHLO */
	const struct watch *watch;  /* may be NULL */
	struct reader in;
	struct writer out;
	char in_buffer[4096], out_buffer[8192];
};

/* No connection yet; before anything else. */
void session_init(struct session *s);

/* Begin on a connected, non-blocking descriptor, which is the session's from now on. */
void session_open(struct session *s, int fd, int64_t timeout_ms, struct deadline end,
    const struct limits *limits);

/* The open session is for another delivery now, with its own bounds. */
void session_continue(struct session *s, int64_t timeout_ms, struct deadline end,
    const struct limits *limits);

/* Go on over another descriptor, as after STARTTLS: what was offered before is forgotten. */
void session_switch(struct session *s, int fd);

/* Queue a command: `verb`, `argument`, CRLF.  It leaves before the next wait for a reply. */
void session_command(struct session *s, const char *verb, struct view argument);

/* Read the next reply.  False: the connection died (EOF, error, timeout, or what came was no
 * reply). */
bool session_hear(struct session *s);

/* Make sure that something came; false when the connection died. */
bool session_fill(struct session *s);

/* Queue octets of the message; false when the connection died. */
bool session_put(struct session *s, struct view octets);

/* The two together. */
bool session_ask(struct session *s, const char *verb, struct view argument);

/* Did more than the last reply come? */
bool session_has_unread(const struct session *s);

/* Did something come that was not read yet, be it the end?  ANSWER_ERROR when that cannot be told, or
 * the session is over. */
enum answer session_has_spoken(const struct session *s);

/* The session is open, and nothing came that nobody asked for: neither a 421 nor the end. */
bool session_is_quiet(const struct session *s);

/* Send QUIT unless the session is over, without waiting for anything; then close (outbound 2.7). */
void session_quit(struct session *s);
void session_drop(struct session *s);
void session_free(struct session *s);

#endif
