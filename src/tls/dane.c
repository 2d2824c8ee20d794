#include "tls/dane.h"

#include <openssl/err.h>

#include "lib/fmt.h"
#include "tls/library.h"
#include "tls/verify.h"
#include "wire/kinds.h"
#include "wire/tlsa.h"

/* SSL_dane_enable() forgets the names that were there before. */
static int
enable(SSL *ssl, const struct request *request)
{
	if (SSL_CTX_dane_enable(SSL_get_SSL_CTX(ssl)) != 1 ||
	    SSL_dane_enable(ssl, str_text(&request->name)) != 1 ||
	    !verify_names(ssl, request))
		return -1;
	/* Who has the key is who the record means, whatever the certificate says (RFC 7672 3.1.1). */
	SSL_dane_set_flags(ssl, DANE_FLAG_NO_DANE_EE_NAMECHECKS);
	return 0;
}

/* How many are usable; -1 when OpenSSL cannot go on.  It would take usage 0 and 1 too, and ask the
 * web's authorities (RFC 7672 3.1.3 does not want that). */
static int
add_records(SSL *ssl, struct view list)
{
	struct tlsa one;
	int usable = 0, added;

	while (tlsa_next(&list, &one)) {
		if (!tlsa_is_usable(&one))
			continue;
		added = SSL_dane_tlsa_add(ssl, one.usage, one.selector, one.matching,
		    (const unsigned char *)one.data.at, one.data.len);
		if (added < 0)
			return -1;
		usable += added > 0;
	}
	ERR_clear_error(); /* what it said of those that are not */
	return usable;
}

int
dane_prepare(SSL *ssl, const struct request *request, struct str *reason)
{
	int usable;

	if (enable(ssl, request) < 0 ||
	    (usable = add_records(ssl, str_view(&request->tlsa))) < 0) {
		library_reason(reason, "DANE cannot be used");
		return -1;
	}
	if (usable > 0)
		return 0;
	verify_nothing(ssl);
	if (request->level == TLS_DANE)
		return 0;
	str_append_text(reason, "no TLSA record is usable");
	return -1;
}

int
dane_finish(SSL *ssl, struct str *reason)
{
	/* verify_nothing() left a callback. */
	if (SSL_get_verify_callback(ssl) != NULL ||
	    SSL_get0_dane_authority(ssl, NULL, NULL) >= 0)
		return 0;
	str_append_text(reason, "no TLSA record fits");
	return -1;
}

void
dane_add_facts(SSL *ssl, struct str *packet)
{
	uint8_t usage, selector, matching;
	int depth = SSL_get0_dane_authority(ssl, NULL, NULL);
	struct str text = { 0 };
	char octet = (char)depth;

	if (depth < 0 ||
	    SSL_get0_dane_tlsa(ssl, &usage, &selector, &matching, NULL, NULL) < 0)
		return;
	fmt_u64(&text, usage);
	str_append_byte(&text, ' ');
	fmt_u64(&text, selector);
	str_append_byte(&text, ' ');
	fmt_u64(&text, matching);
	frame_add(packet, TAG_TLS_MATCHED, str_view(&text));
	frame_add(packet, TAG_TLS_DEPTH, (struct view) { &octet, 1 });
	str_free(&text);
}
