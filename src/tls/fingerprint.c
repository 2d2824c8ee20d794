#include "tls/fingerprint.h"

#include <openssl/evp.h>

#include "lib/fmt.h"

static const EVP_MD *
digest_of_length(size_t hex_len)
{
	switch (hex_len / 2) {
	case 20:
		return EVP_sha1();
	case 28:
		return EVP_sha224();
	case 32:
		return EVP_sha256();
	case 64:
		return EVP_sha512();
	default:
		return NULL;
	}
}

typedef int digester(const X509 *x, const EVP_MD *md, unsigned char *out, unsigned *len);

/* X509_pubkey_digest() is of the key's bits alone, which is not what others pin. */
static int
digest_of_key(const X509 *x, const EVP_MD *md, unsigned char *out, unsigned *len)
{
	unsigned char *der = NULL;
	int size = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(x), &der), ok;

	if (size < 0)
		return 0;
	ok = EVP_Digest(der, (size_t)size, out, len, md, NULL);
	OPENSSL_free(der);
	return ok;
}

static bool
is_digest(const X509 *certificate, digester *digest, struct view hex)
{
	const EVP_MD *md = digest_of_length(hex.len);
	unsigned char octets[EVP_MAX_MD_SIZE];
	struct str own = { 0 };
	unsigned len;
	bool same = false;

	if (md && digest(certificate, md, octets, &len) == 1) {
		fmt_hex(&own, (struct view) { (const char *)octets, len });
		same = view_equal(str_view(&own), hex);
	}
	str_free(&own);
	return same;
}

static void
tell_own(X509 *certificate, struct str *reason)
{
	unsigned char octets[EVP_MAX_MD_SIZE];
	unsigned len;

	str_append_text(reason, "no fingerprint given is that of the certificate");
	if (X509_digest(certificate, EVP_sha256(), octets, &len) != 1)
		return;
	str_append_text(reason, ", which is ");
	fmt_hex(reason, (struct view) { (const char *)octets, len });
}

int
fingerprint_check(X509 *certificate, struct view fingerprints, struct str *reason)
{
	if (!certificate) {
		str_append_text(reason, "no certificate");
		return -1;
	}
	while (fingerprints.len > 0) {
		struct view hex = view_first(fingerprints, view_index(fingerprints, ','));

		if (is_digest(certificate, X509_digest, hex) ||
		    is_digest(certificate, digest_of_key, hex))
			return 0;
		fingerprints = view_from(fingerprints, hex.len + 1);
	}
	tell_own(certificate, reason);
	return -1;
}
