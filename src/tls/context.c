#include "tls/context.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/x509_vfy.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/ascii.h"
#include "lib/hash.h"
#include "tls/library.h"
#include "tls/pem.h"
#include "tls/resume.h"
#include "tls/tickets.h"

enum { RECORDS_BUFFER = 65536, NAME_MAX_LEN = 253 };

#define CLIENT_CA  "control/clientca.pem"
#define CLIENT_CRL "control/clientcrl.pem"
#define CLIENTS    "control/tlsclients"

/* What both sides want: TLS 1.2 at least (a client at level may lowers it again), nothing that
 * has hurt others, and a read of the network that takes all there is. */
static SSL_CTX *
common(const SSL_METHOD *method, struct str *reason)
{
	SSL_CTX *ctx = SSL_CTX_new(method);

	if (!ctx) {
		library_reason(reason, "no TLS context");
		return NULL;
	}
	SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION);
	SSL_CTX_set_options(ctx,
	    SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
		SSL_OP_IGNORE_UNEXPECTED_EOF);
	SSL_CTX_set_mode(
	    ctx, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	SSL_CTX_set_read_ahead(ctx, 1);
	SSL_CTX_set_default_read_buffer_len(ctx, RECORDS_BUFFER);
	return ctx;
}

static bool
load_certificate(SSL_CTX *ctx, const char *path, struct str *reason)
{
	struct str bytes = { 0 };
	struct pem pem = { 0 };
	bool ok = false;

	if (pem_read_file(path, &bytes) < 0) {
		str_append_text(reason, path);
		str_append_text(reason, ": ");
		str_append_text(reason, strerror(errno));
	} else if (pem_parse(str_view(&bytes), VIEW(""), &pem, reason) == 0) {
		ok = pem_use(&pem, ctx, NULL, reason) == 0;
	}
	pem_free(&pem);
	str_wipe(&bytes);
	return ok;
}

/* Whatever the certificate is worth, the handshake goes on: what relaying needs is in the facts,
 * and a client without a certificate is as welcome as before. */
static int
accept_any(int ok, X509_STORE_CTX *store)
{
	(void)ok;
	(void)store;
	return 1;
}

static bool
ask_for_client_certificate(SSL_CTX *ctx, bool has_crl, struct str *reason)
{
	X509_STORE *store = SSL_CTX_get_cert_store(ctx);

	if (SSL_CTX_load_verify_file(ctx, CLIENT_CA) != 1) {
		library_reason(reason, "unusable " CLIENT_CA);
		return false;
	}
	SSL_CTX_set_client_CA_list(ctx, SSL_load_client_CA_file(CLIENT_CA));
	if (has_crl) {
		X509_LOOKUP *lookup = X509_STORE_add_lookup(store, X509_LOOKUP_file());

		if (!lookup ||
		    X509_load_crl_file(lookup, CLIENT_CRL, X509_FILETYPE_PEM) < 1) {
			library_reason(reason, "unusable " CLIENT_CRL);
			return false;
		}
		X509_STORE_set_flags(
		    store, X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL);
	}
	SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER, accept_any);
	ERR_clear_error();
	return true;
}

/* A ticket is good only where the same client certificates would be accepted. */
static void
bind_tickets(SSL_CTX *ctx, const struct context *c)
{
	const char *files = (const char *)(c->files + 1);
	unsigned char id[SHA256_LEN];
	struct hash hash;

	hash_start(&hash, HASH_SHA256);
	hash_add(&hash, str_view(&c->path));
	hash_add(&hash, (struct view) { files, sizeof c->files - sizeof *c->files });
	hash_finish(&hash, id);
	SSL_CTX_set_session_id_context(ctx, id, sizeof id);
}

/* The server name is acknowledged; which certificate it means was decided before this. */
static int
acknowledge_name(SSL *ssl, int *alert, void *arg)
{
	(void)ssl;
	(void)alert;
	(void)arg;
	return SSL_TLSEXT_ERR_OK;
}

static SSL_CTX *
make_server(
    const struct context *c, const struct context_servers *servers, struct str *reason)
{
	bool clients = stamp_is_file(&c->files[1]) && stamp_is_file(&c->files[2]);
	SSL_CTX *ctx = common(TLS_server_method(), reason);

	if (!ctx)
		return NULL;
	SSL_CTX_set_options(ctx, SSL_OP_CIPHER_SERVER_PREFERENCE);
	SSL_CTX_set_dh_auto(ctx, 1);
	SSL_CTX_set_tlsext_servername_callback(ctx, acknowledge_name);
	bind_tickets(ctx, c);
	if (servers->on_hello)
		SSL_CTX_set_client_hello_cb(ctx, servers->on_hello, NULL);
	if (!servers->tickets || tickets_use(ctx, servers->tickets) < 0)
		tickets_refuse(ctx);
	if (load_certificate(ctx, str_text(&c->path), reason) &&
	    (!clients ||
		ask_for_client_certificate(ctx, stamp_is_file(&c->files[3]), reason)))
		return ctx;
	SSL_CTX_free(ctx);
	return NULL;
}

static void
forget(struct context *c)
{
	SSL_CTX_free(c->ctx);
	str_free(&c->path);
	*c = (struct context) { 0 };
}

/* The kept context for `path`, or the place for a new one: its ctx is NULL then. */
static struct context *
place_for(struct context *kept, size_t *next, const char *path,
    const struct stamp files[CONTEXT_FILES])
{
	struct context *c = NULL;
	size_t i;

	for (i = 0; i < CONTEXT_KEPT && !c; i++)
		if (view_equal(str_view(&kept[i].path), view_of(path)))
			c = &kept[i];
	if (c && c->ctx && memcmp(c->files, files, sizeof c->files) == 0)
		return c;
	if (!c) {
		c = &kept[*next];
		*next = (*next + 1) % CONTEXT_KEPT;
	}
	forget(c);
	str_set(&c->path, view_of(path));
	memcpy(c->files, files, sizeof c->files);
	return c;
}

SSL_CTX *
context_server(struct context_servers *servers, const char *path, struct str *reason)
{
	struct stamp files[CONTEXT_FILES] = { stamp_of(path), stamp_of(CLIENT_CA),
		stamp_of(CLIENTS), stamp_of(CLIENT_CRL) };
	struct context *c = place_for(servers->kept, &servers->next, path, files);

	if (!c->ctx)
		c->ctx = make_server(c, servers, reason);
	return c->ctx;
}

bool
context_path_for(struct view name, struct str *path)
{
	size_t i, before = path->len;
	struct stamp file;

	if (name.len == 0 || name.len > NAME_MAX_LEN || name.at[0] == '.')
		return false;
	for (i = 0; i < name.len; i++)
		if (!ascii_is_letter(name.at[i]) && !ascii_is_digit(name.at[i]) &&
		    !memchr("-_.", name.at[i], 3))
			return false;
	str_append_text(path, CONTEXT_CERTIFICATES "/");
	str_append_lower(path, name);
	str_append_text(path, "/servercert.pem");
	file = stamp_of(str_text(path));
	if (stamp_is_file(&file))
		return true;
	str_cut(path, before);
	return false;
}

static void
free_all(struct context kept[CONTEXT_KEPT])
{
	size_t i;

	for (i = 0; i < CONTEXT_KEPT; i++)
		forget(&kept[i]);
}

void
context_servers_free(struct context_servers *servers)
{
	free_all(servers->kept);
}

static bool
is_directory(const char *path)
{
	size_t len = strlen(path);
	struct stat st;

	return (len > 0 && path[len - 1] == '/') ||
	    (stat(path, &st) == 0 && S_ISDIR(st.st_mode));
}

/* A hashed directory is looked into when a certificate is wanted, never read as a whole. */
static bool
trust_directory(SSL_CTX *ctx, const char *path, struct str *reason)
{
	X509_LOOKUP *lookup =
	    X509_STORE_add_lookup(SSL_CTX_get_cert_store(ctx), X509_LOOKUP_hash_dir());

	if (access(path, R_OK | X_OK) == 0 && lookup &&
	    X509_LOOKUP_add_dir(lookup, path, X509_FILETYPE_PEM) == 1)
		return true;
	str_append_text(reason, path);
	str_append_text(reason, ": unusable trust directory");
	return false;
}

static bool
trust_file(SSL_CTX *ctx, const char *path, struct str *reason)
{
	if (SSL_CTX_load_verify_file(ctx, path) == 1)
		return true;
	str_append_text(reason, path);
	str_append_text(reason, ": ");
	library_reason(reason, "unusable trust file");
	return false;
}

static SSL_CTX *
make_client(const char *trust, bool resumes, struct str *reason)
{
	SSL_CTX *ctx = common(TLS_client_method(), reason);

	if (!ctx)
		return NULL;
	if (resumes)
		resume_use(ctx);
	else
		tickets_refuse(ctx);
	X509_STORE_set_flags(SSL_CTX_get_cert_store(ctx), X509_V_FLAG_PARTIAL_CHAIN);
	if (is_directory(trust) ? trust_directory(ctx, trust, reason)
				: trust_file(ctx, trust, reason))
		return ctx;
	SSL_CTX_free(ctx);
	return NULL;
}

SSL_CTX *
context_client(struct context_clients *clients, const char *trust, struct str *reason)
{
	const char *path = trust && *trust ? trust : X509_get_default_cert_dir();
	struct stamp files[CONTEXT_FILES] = { stamp_of(path) };
	struct context *c = place_for(clients->kept, &clients->next, path, files);

	if (!c->ctx)
		c->ctx = make_client(path, clients->resume != NULL, reason);
	return c->ctx;
}

void
context_clients_free(struct context_clients *clients)
{
	free_all(clients->kept);
}
