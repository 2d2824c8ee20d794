/* log - the log lines of a session (DESIGN 9, inbound 5.17 last row).  Silent in strict mode, and
 * where descriptor 2 is the client. */
#ifndef SERVER_LOG_H
#define SERVER_LOG_H

#include <stdbool.h>
#include <stdint.h>

#include "policy/check.h"
#include "server/session.h"

/* If descriptor 2 is the same socket as 0 or 1 (inetd), point it at /dev/null: neither we nor our
 * children may write into the conversation (inbound 1.3.7). */
void server_log_detach(void);

/* refuse code= check= by=FILE:LINE count= from= to= helo= */
void server_log_refusal(struct session *s, const struct ruling *why);

/* refuse, for a message: text= is what the client was told; `qp` 0 is none */
void server_log_message_refusal(struct session *s, const struct ruling *why, pid_t qp);

/* accept qp= octets= rcpts= from= to= */
void server_log_accept(struct session *s, pid_t qp, uint64_t octets);

/* end reason= */
void server_log_end(struct session *s, const char *reason);

/* tls result= proto= cipher= reason= ; the facts of s->tls are told if there are any */
void server_log_tls(struct session *s, const char *result, struct view reason);

/* warning text= dropped= : octets that a client sent before it was asked */
void server_log_dropped(struct session *s, const char *why, uint64_t octets);

/* spf result= mech= reason= from= helo= ; and a warning if the admin's own rules are wrong */
void server_log_spf(struct session *s, const struct spf_verdict *verdict);

/* dnscheck check= result= host= text= : what does not refuse anything, or is besides the refusal;
 * `text` may be empty */
void server_log_dnscheck(struct session *s, const char *check, const char *result,
    struct view host, struct view text);

/* scan check= result= score= text= : what a scanner said of the message; both may be empty */
void server_log_scan(struct session *s, const char *check, const char *result,
    struct view score, struct view text);

/* command verb= code=; level 2 */
void server_log_command(struct session *s, struct view verb);

#endif
