/* sessioncap - how many sessions a client's network and a user may have at a time (sessionsnetwork,
 * sessionsuser), and how many messages one session may bring (maxmsgs).  Off unless the file is
 * there, and in strict mode.
 *
 * A session holds a place in the store until it ends.  It says again and again that it is still
 * there, so that the place of one that was killed becomes free by itself. */
#ifndef SERVER_SESSIONCAP_H
#define SERVER_SESSIONCAP_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/answer.h"
#include "lib/deadline.h"
#include "lib/problem.h"
#include "lib/str.h"
#include "lib/view.h"

/* What a session keeps.  {0}: nothing was read or asked yet. */
struct session_caps {
	uint64_t holder;          /* that is us; 0: not known yet */
	struct deadline renew;    /* when it is to be said again that we hold them */
	struct str network, user; /* keys of the places that we hold; empty: none */

	bool knows_messages;
	uint64_t most_messages; /* maxmsgs; 0: no limit */
	uint64_t messages;      /* that were queued in this session */
};

struct session;

/* Before the greeting: false if the session is over, and that was answered. */
bool sessioncap_accepts_session(struct session *s);

/* `user` has proven who it is.  ANSWER_NO: it has too many sessions, and this is logged.
 * ANSWER_ERROR, with `problem`: a control file cannot be read. */
enum answer sessioncap_accepts_user(
    struct session *s, struct view user, struct problem *problem);

/* MAIL: false if it was refused. */
bool sessioncap_accepts_mail(struct session *s);

/* A message of this session was queued. */
void sessioncap_message_taken(struct session *s);

/* How many messages a session may bring; 0: any number.  ANSWER_YES, or ANSWER_ERROR with
 * `problem`. */
enum answer sessioncap_messages(
    struct session *s, uint64_t *out, struct problem *problem);

/* A command, or some more of a message, has come: the session still is. */
void sessioncap_renew(struct session *s);

/* The session is over: others may have its places. */
void sessioncap_end(struct session *s);

#endif
