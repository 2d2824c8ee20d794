/* log - what a session tells the log.  Each event goes as one struct (logevent.h) to our own lines
 * (qmail-log(5)) or to those of another dialect (control/logdialect).  Silent in strict mode, and
 * where descriptor 2 is the client. */
#ifndef SERVER_LOG_H
#define SERVER_LOG_H

#include <stdbool.h>
#include <stdint.h>

#include "auth/sasl_server.h"
#include "policy/check.h"
#include "server/session.h"

/* If descriptor 2 is the same socket as 0 or 1 (inetd), point it at /dev/null: neither we nor our
 * children may write into the conversation (inbound 1.3.7). */
void server_log_detach(void);

/* Events that only other dialects have lines for: a client came; it is to wait for the greeting; its
 * MAIL was accepted; its RCPT was. */
void server_log_connect(struct session *s);
void server_log_greeting(struct session *s, uint64_t seconds);
void server_log_sender(struct session *s);
void server_log_recipient(struct session *s);

/* A command was refused: refuse code= check= by=FILE:LINE from= to= helo= */
void server_log_refusal(struct session *s, const struct ruling *why);

/* A message was; `qp` 0 is no queue program. */
void server_log_message_refusal(struct session *s, const struct ruling *why, pid_t qp);

/* A message was accepted. */
void server_log_accept(struct session *s, pid_t qp, uint64_t octets);

/* The session ended otherwise than by QUIT. */
void server_log_end(struct session *s, const char *reason);

/* An AUTH exchange ended: "ok", "failed", "refused" or "error"; `reason` may be NULL. */
void server_log_auth(struct session *s, const char *result,
    const struct sasl_server *sasl, const char *reason);

/* A handshake ended; the facts of s->tls are told if there are any. */
void server_log_tls(struct session *s, const char *result, struct view reason);

/* What SPF says; and a warning if the admin's own rules are wrong. */
void server_log_spf(struct session *s, const struct spf_verdict *verdict);

/* What another check in the DNS says that does not refuse anything, or is besides the refusal;
 * `text` may be empty. */
void server_log_dnscheck(struct session *s, const char *check, const char *result,
    struct view host, struct view text);

/* A command was answered; our own lines at level 2. */
void server_log_command(struct session *s, struct view verb);

/* warning text= dropped= : octets that a client sent before it was asked */
void server_log_dropped(struct session *s, const char *why, uint64_t octets);

/* scan check= result= score= text= : what a scanner said of the message; both may be empty */
void server_log_scan(struct session *s, const char *check, const char *result,
    struct view score, struct view text);

/* warning text= by=FILE:LINE from= to= : a list that refuses nobody had its way */
void server_log_by(struct session *s, const char *text, const struct ruling *where);

#endif
