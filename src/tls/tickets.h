/* tickets - session tickets (RFC 5077, RFC 8446 4.6.1) whose keys live in memory that the
 * resident service shares with its children, and nowhere else.  A key issues tickets for 12
 * hours and is accepted for 12 more. */
#ifndef TLS_TICKETS_H
#define TLS_TICKETS_H

#include <openssl/ssl.h>
#include <stdint.h>

enum { TICKETS_RENEW = 12 * 3600, TICKETS_LIFE = 2 * 3600 };

struct tickets;

/* Before the first fork.  NULL with errno if there is no memory to share. */
struct tickets *tickets_new(int64_t now);

/* The parent, now and then: make a new key when the current one is TICKETS_RENEW old. */
void tickets_renew(struct tickets *t, int64_t now);

/* Issue one ticket per session, and accept them. */
int tickets_use(SSL_CTX *ctx, struct tickets *t); /* 0 or -1 */
/* No tickets, no session cache. */
void tickets_refuse(SSL_CTX *ctx);

#endif
