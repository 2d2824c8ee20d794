/* hello - at the ClientHello: choose the certificate by the server name (inbound 4.1.1), then give
 * up the group that may read keys, before anything else of the network is parsed (DESIGN 4). */
#ifndef TLS_HELLO_H
#define TLS_HELLO_H

#include <openssl/ssl.h>
#include <stdbool.h>

#include "lib/view.h"
#include "tls/context.h"

/* What the callback finds in SSL_get_app_data(); NULL there: nothing to choose. */
struct hello {
	struct context_servers *servers;
	bool by_name;     /* look for a certificate of the name */
	bool drop_rights; /* after that */
};

/* The callback for SSL_CTX_set_client_hello_cb(). */
int hello_choose(SSL *ssl, int *alert, void *unused);

/* Take the host name out of a server_name extension (RFC 6066 3): false if it has none or is
 * malformed. */
bool hello_server_name(struct view extension, struct view *name);

#endif
