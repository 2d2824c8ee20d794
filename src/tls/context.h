/* context - what OpenSSL needs before a connection, kept between the sessions of one process and
 * made anew when a file it came from was replaced.  Paths are relative to the home. */
#ifndef TLS_CONTEXT_H
#define TLS_CONTEXT_H

#include <openssl/ssl.h>
#include <stdbool.h>
#include <stddef.h>

#include "lib/str.h"
#include "lib/view.h"
#include "tls/stamp.h"

struct resume;
struct tickets;

#define CONTEXT_CERTIFICATE  "control/servercert.pem"
#define CONTEXT_CERTIFICATES "control/servercerts" /* NAME/servercert.pem below it */

enum {
	CONTEXT_KEPT = 8, /* contexts of one kind that a process keeps */
	CONTEXT_FILES = 4,
};

struct context {
	struct str path;
	struct stamp files[CONTEXT_FILES];
	SSL_CTX *ctx;
};

/* The contexts of a server, by certificate.  {0} is valid. */
struct context_servers {
	struct tickets *tickets;         /* NULL: no session tickets */
	SSL_client_hello_cb_fn on_hello; /* hello_choose(), or NULL */
	struct context kept[CONTEXT_KEPT];
	size_t next; /* to be replaced when all are taken */
};

/* The context for the certificate at `path`, valid until the next call.  NULL with the reason
 * appended.  A client certificate is asked for when control/clientca.pem and control/tlsclients
 * exist (inbound 4.1.8, D16). */
SSL_CTX *context_server(
    struct context_servers *servers, const char *path, struct str *reason);
void context_servers_free(struct context_servers *servers);

/* Append the path of the certificate for the server name in a ClientHello; false, and nothing
 * appended, for a name that is no host name or has no certificate. */
bool context_path_for(struct view name, struct str *path);

/* The contexts of a client, by trust store.  {0} is valid. */
struct context_clients {
	struct resume *resume; /* NULL: no session is kept */
	struct context kept[CONTEXT_KEPT];
	size_t next;
};

/* The context that trusts `trust`: a PEM file, or a hashed directory (or anything that ends in
 * '/'); NULL or "" is the system's directory, read lazily.  NULL with the reason appended. */
SSL_CTX *context_client(
    struct context_clients *clients, const char *trust, struct str *reason);
void context_clients_free(struct context_clients *clients);

#endif
