/* resume - sessions of the client that the next connection to the same server may go on with, which
 * saves both sides most of a handshake (outbound 4.3).  They are in memory that the resident service
 * shares with its children, and nowhere else; each is used once.
 *
 * A session is found only by who asks for exactly the same: peer's address and port, all of the
 * request, and the files it names as they are on disk.  So what was not verified then is not believed
 * now. */
#ifndef TLS_RESUME_H
#define TLS_RESUME_H

#include <openssl/ssl.h>
#include <stdbool.h>

#include "lib/hash.h"
#include "tls/request.h"

enum { RESUME_SECONDS = 3600 };

struct resume;

/* Before the first fork.  NULL with errno if there is no memory to share. */
struct resume *resume_new(void);

/* The contexts of connections that are to be resumed, or to leave a session. */
void resume_use(SSL_CTX *ctx);

/* What goes along with one connection; zeroed.  Must stay until that is freed. */
struct resume_link {
	struct resume *sessions;
	unsigned char key[SHA256_LEN];
	bool good;            /* what comes may be kept */
	SSL_SESSION *pending; /* came before that was known */
};

/* Before the handshake: whose session it is, and the one to go on with, if there is one.  `net` is the
 * connection; one that has no peer's address leaves no session. */
void resume_start(struct resume *sessions, struct resume_link *link, SSL *ssl,
    const struct request *r, int net);

/* After it: the server is who it has to be. */
void resume_confirm(struct resume_link *link);
void resume_end(struct resume_link *link);

#endif
