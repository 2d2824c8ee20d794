#include "tls/facts.h"

#include <openssl/x509v3.h>

#include "tls/about.h"
#include "tls/dane.h"
#include "tls/verify.h"
#include "wire/frame.h"
#include "wire/kinds.h"

enum { BINDING_LEN = 32, FIELD_MAX = 512, EMAILS_TOLD = 20 };

static void
add(struct str *packet, uint16_t tag, struct view text)
{
	if (text.len > 0)
		frame_add(packet, tag, view_first(text, FIELD_MAX));
}

/* Unique only where the master secret depends on the whole handshake (RFC 9266 section 4.2). */
static void
add_binding(SSL *ssl, struct str *packet)
{
	static const char label[] = "EXPORTER-Channel-Binding";
	unsigned char binding[BINDING_LEN];

	if (SSL_version(ssl) < TLS1_3_VERSION && SSL_get_extms_support(ssl) != 1)
		return;
	if (SSL_export_keying_material(ssl, binding, sizeof binding, label,
		sizeof label - 1, (const unsigned char *)"", 0, 1) == 1)
		frame_add(packet, TAG_TLS_BINDING,
		    (struct view) { (const char *)binding, sizeof binding });
}

static void
add_emails(X509 *certificate, struct str *packet)
{
	STACK_OF(OPENSSL_STRING) *emails = X509_get1_email(certificate);
	int i;

	for (i = 0; i < sk_OPENSSL_STRING_num(emails) && i < EMAILS_TOLD; i++)
		add(packet, TAG_TLS_EMAIL, view_of(sk_OPENSSL_STRING_value(emails, i)));
	X509_email_free(emails);
}

static void
add_certificate(SSL *ssl, struct str *packet)
{
	X509 *certificate = SSL_get0_peer_certificate(ssl);
	struct str text = { 0 };

	verify_text(ssl, &text);
	add(packet, TAG_TLS_VERIFY, str_view(&text));
	str_clear(&text);
	verify_subject(certificate, &text);
	add(packet, TAG_TLS_PEER, str_view(&text));
	str_free(&text);
	if (certificate && SSL_get_verify_result(ssl) == X509_V_OK)
		add_emails(certificate, packet);
}

void
facts_add_code(SSL *ssl, struct str *packet)
{
	frame_add_u32(packet, TAG_TLS_VERIFY_CODE, (uint32_t)SSL_get_verify_result(ssl));
}

static void
add_digest(X509 *certificate, struct str *packet)
{
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned len;

	if (certificate && X509_digest(certificate, EVP_sha256(), digest, &len) == 1)
		frame_add(packet, TAG_TLS_PEER_DIGEST,
		    (struct view) { (const char *)digest, len });
}

void
facts_add(SSL *ssl, struct str *packet)
{
	add(packet, TAG_TLS_PROTOCOL, view_of(SSL_get_version(ssl)));
	add(packet, TAG_TLS_CIPHER, view_of(SSL_get_cipher_name(ssl)));
	add(packet, TAG_TLS_SNI,
	    view_of(SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name)));
	add_certificate(ssl, packet);
	dane_add_facts(ssl, packet);
	add_binding(ssl, packet);
	add_digest(SSL_get0_peer_certificate(ssl), packet);
	facts_add_code(ssl, packet);
	if (!SSL_is_server(ssl))
		about_add(SSL_get0_peer_certificate(ssl), packet);
	if (SSL_session_reused(ssl))
		frame_add(packet, TAG_TLS_RESUMED, VIEW(""));
}
