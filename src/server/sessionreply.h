/* sessionreply - what a session says: put into its output, or kept where no command asked (s->answer). */
#ifndef SERVER_SESSIONREPLY_H
#define SERVER_SESSIONREPLY_H

#include "server/session.h"

/* The reply to a command, with its enhanced status code where the session has them.  s->code is its code;
 * one of 5xx counts towards the limit of errors if s->errors_count. */
void session_reply(struct session *s, enum reply_name name);
void session_reply_with(struct session *s, const struct reply *reply);

/* The greeting, and to HELO and EHLO: what has no enhanced status code (RFC 2034 4). */
void session_reply_plain(struct session *s, const struct reply *reply);

/* A line of a reply, with others behind it; its status is not shown at its end. */
void session_reply_more(struct session *s, const struct reply *reply);

/* A reply that refuses, and a line in the log: which check did. */
void session_refuse(struct session *s, enum reply_name name, const char *check);
void session_refuse_with(struct session *s, const struct ruling *why);

/* In s/qmail's dialect a word of the admin's stands behind the text, and a space even without. */
void session_add_word(struct session *s, struct ruling *why, const char *variable);

#endif
