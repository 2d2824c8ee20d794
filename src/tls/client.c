#include "tls/client.h"

#include <errno.h>
#include <string.h>

#include "tls/ciphers.h"
#include "tls/dane.h"
#include "tls/library.h"
#include "tls/pem.h"
#include "tls/verify.h"

static bool
read_pem(const struct str *path, struct str *bytes, struct str *reason)
{
	if (pem_read_file(str_text(path), bytes) == 0)
		return true;
	str_append(reason, str_view(path));
	str_append_text(reason, ": ");
	str_append_text(reason, strerror(errno));
	return false;
}

static bool
load_own_certificate(SSL *ssl, const struct request *r, struct str *reason)
{
	struct str bytes = { 0 };
	struct pem pem = { 0 };
	bool ok = read_pem(&r->certificate, &bytes, reason) &&
	    (r->key.len == 0 || read_pem(&r->key, &bytes, reason)) &&
	    pem_parse(str_view(&bytes), str_view(&r->key_password), &pem, reason) == 0 &&
	    pem_use(&pem, NULL, ssl, reason) == 0;

	pem_free(&pem);
	str_wipe(&bytes);
	return ok;
}

/* Our own certificate is used if it can be, unless it has to be (outbound 4.1). */
static bool
use_own_certificate(SSL *ssl, const struct request *r, struct str *reason)
{
	struct str why = { 0 };
	bool ok = r->certificate.len == 0 || load_own_certificate(ssl, r, &why);

	if (!ok && r->rules.needs_cert) {
		str_append_text(reason, "our own certificate: ");
		str_append(reason, str_view(&why));
	}
	str_free(&why);
	return ok || !r->rules.needs_cert;
}

/* Where nothing is verified, or by TLSA records, a trust store that cannot be used is as good as none. */
static SSL_CTX *
context_of(struct context_clients *clients, const struct request *r, struct str *reason)
{
	SSL_CTX *ctx = context_client(clients, str_text(&r->trust), reason);

	if (!ctx && (!tls_level_verifies(r->level) || tls_level_is_dane(r->level))) {
		str_clear(reason);
		ctx = context_client(clients, NULL, reason);
	}
	return ctx;
}

static bool
set_up(SSL *ssl, const struct request *r, struct str *reason)
{
	if (ciphers_use(ssl, str_view(&r->ciphers)) < 0) {
		library_reason(reason, "unusable list of ciphers");
		return false;
	}
	if (!use_own_certificate(ssl, r, reason))
		return false;
	if (verify_prepare(ssl, r) < 0) {
		library_reason(reason, "name cannot be verified");
		return false;
	}
	if (r->names_only)
		verify_names_only(ssl);
	if (tls_level_is_dane(r->level) && dane_prepare(ssl, r, reason) < 0)
		return false;
	SSL_set_connect_state(ssl);
	return true;
}

SSL *
client_prepare(
    struct context_clients *clients, const struct request *r, struct str *reason)
{
	SSL_CTX *ctx = context_of(clients, r, reason);
	SSL *ssl = ctx ? SSL_new(ctx) : NULL;

	if (ctx && !ssl)
		library_reason(reason, "no TLS connection");
	if (ssl && set_up(ssl, r, reason))
		return ssl;
	SSL_free(ssl);
	return NULL;
}
