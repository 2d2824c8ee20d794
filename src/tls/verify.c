#include "tls/verify.h"

#include <openssl/bio.h>
#include <openssl/x509v3.h>

static int
keep_result_only(int ok, X509_STORE_CTX *store)
{
	(void)ok;
	(void)store;
	return 1;
}

int
verify_prepare(SSL *ssl, const char *name, bool is_ip, enum tls_level level)
{
	X509_VERIFY_PARAM *wanted = SSL_get0_param(ssl);

	SSL_set_verify(
	    ssl, SSL_VERIFY_PEER, tls_level_verifies(level) ? NULL : keep_result_only);
	if (level == TLS_MAY && SSL_set_min_proto_version(ssl, 0) != 1)
		return -1;
	if (!name || !*name)
		return 0;
	if (is_ip)
		return X509_VERIFY_PARAM_set1_ip_asc(wanted, name) == 1 ? 0 : -1;
	X509_VERIFY_PARAM_set_hostflags(wanted, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
	if (X509_VERIFY_PARAM_set1_host(wanted, name, 0) != 1)
		return -1;
	return SSL_set_tlsext_host_name(ssl, name) == 1 ? 0 : -1;
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
	BIO *bio = certificate ? BIO_new(BIO_s_mem()) : NULL;
	char *text;
	long len;

	if (!bio)
		return;
	if (X509_NAME_print_ex(
		bio, X509_get_subject_name(certificate), 0, XN_FLAG_RFC2253) >= 0) {
		len = BIO_get_mem_data(bio, &text);
		if (len > 0)
			str_append(out, (struct view) { text, (size_t)len });
	}
	BIO_free(bio);
}
