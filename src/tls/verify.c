#include "tls/verify.h"

#include <openssl/bio.h>
#include <openssl/x509v3.h>

#include "tls/dane.h"
#include "tls/fingerprint.h"

static int
keep_result_only(int ok, X509_STORE_CTX *store)
{
	(void)ok;
	(void)store;
	return 1;
}

/* Which levels want a chain to the trust store? */
static bool
wants_chain(enum tls_level level)
{
	return tls_level_verifies(level) && level != TLS_FINGERPRINT;
}

static int
version_of(enum tls_protocol protocol)
{
	static const int versions[] = { [TLS_1_0] = TLS1_VERSION,
		[TLS_1_1] = TLS1_1_VERSION,
		[TLS_1_2] = TLS1_2_VERSION,
		[TLS_1_3] = TLS1_3_VERSION };

	return versions[protocol]; /* 0 for any */
}

/* The context's floor is TLS 1.2. */
static bool
bound_protocols(SSL *ssl, const struct request *r)
{
	const struct tls_rules *rules = &r->rules;

	if ((r->level == TLS_MAY || rules->lowest) &&
	    SSL_set_min_proto_version(ssl, version_of(rules->lowest)) != 1)
		return false;
	return SSL_set_max_proto_version(ssl, version_of(rules->highest)) == 1;
}

static bool
add_names(SSL *ssl, struct view names)
{
	struct str name = { 0 };
	bool ok = true;

	while (ok && names.len > 0) {
		str_set(&name, view_first(names, view_index(names, ',')));
		ok = SSL_add1_host(ssl, str_text(&name)) == 1;
		names = view_from(names, name.len + 1);
	}
	str_free(&name);
	return ok;
}

bool
verify_names(SSL *ssl, const struct request *r)
{
	X509_VERIFY_PARAM *wanted = SSL_get0_param(ssl);
	unsigned flags = X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS;

	if (r->level == TLS_CHAIN || r->level == TLS_FINGERPRINT)
		return true;
	if (r->is_ip)
		return X509_VERIFY_PARAM_set1_ip_asc(wanted, str_text(&r->name)) == 1 &&
		    add_names(ssl, str_view(&r->also));
	if (r->rules.exact)
		flags = X509_CHECK_FLAG_NO_WILDCARDS;
	X509_VERIFY_PARAM_set_hostflags(wanted, flags);
	return (r->name.len == 0 ||
		   X509_VERIFY_PARAM_set1_host(wanted, r->name.at, r->name.len) == 1) &&
	    add_names(ssl, str_view(&r->also));
}

static bool
send_name(SSL *ssl, const struct request *r)
{
	const struct str *name = r->has_sni ? &r->sni : &r->name;

	if (name->len == 0 || (!r->has_sni && r->is_ip))
		return true;
	return SSL_set_tlsext_host_name(ssl, str_text(name)) == 1;
}

int
verify_prepare(SSL *ssl, const struct request *r)
{
	SSL_set_verify(
	    ssl, SSL_VERIFY_PEER, wants_chain(r->level) ? NULL : keep_result_only);
	if (r->rules.depth)
		SSL_set_verify_depth(ssl, r->rules.depth);
	return bound_protocols(ssl, r) && verify_names(ssl, r) && send_name(ssl, r) ? 0
										    : -1;
}

int
verify_finish(SSL *ssl, const struct request *r, struct str *reason)
{
	/* What a session was kept for, it was once asked for: the very same (resume.h). */
	if (tls_level_is_dane(r->level))
		return dane_finish(ssl, reason);
	if (r->level != TLS_FINGERPRINT)
		return 0;
	if (!SSL_session_reused(ssl) &&
	    fingerprint_check(
		SSL_get0_peer_certificate(ssl), str_view(&r->fingerprints), reason) < 0)
		return -1;
	SSL_set_verify_result(ssl, X509_V_OK);
	return 0;
}

void
verify_nothing(SSL *ssl)
{
	SSL_set_verify(ssl, SSL_VERIFY_PEER, keep_result_only);
}

void
verify_names_only(SSL *ssl)
{
	X509_VERIFY_PARAM_set_hostflags(SSL_get0_param(ssl),
	    X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
}

void
verify_text(SSL *ssl, struct str *out)
{
	long result = SSL_get_verify_result(ssl);

	if (!SSL_get0_peer_certificate(ssl))
		str_append_text(out, "no certificate");
	else if (result == X509_V_OK)
		str_append_text(out, "ok");
	else
		str_append_text(out, X509_verify_cert_error_string(result));
}

void
verify_subject(X509 *certificate, struct str *out)
{
	if (certificate)
		verify_name(X509_get_subject_name(certificate), out);
}

void
verify_name(const X509_NAME *name, struct str *out)
{
	BIO *bio = BIO_new(BIO_s_mem());
	char *text;
	long len;

	if (!bio)
		return;
	if (X509_NAME_print_ex(bio, name, 0, XN_FLAG_RFC2253) >= 0) {
		len = BIO_get_mem_data(bio, &text);
		if (len > 0)
			str_append(out, (struct view) { text, (size_t)len });
	}
	BIO_free(bio);
}
