/* certificates - made in memory for the unit tests of src/tls. */
#ifndef UNIT_TLS_CERTIFICATES_H
#define UNIT_TLS_CERTIFICATES_H

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "lib/str.h"

/* A certificate for `name` with `key`, signed by `issuer` with `issuer_key`; both NULL: by itself.
 * `alt` is a subjectAltName as in openssl.cnf, or NULL. */
static inline X509 *
make_certificate(
    const char *name, EVP_PKEY *key, X509 *issuer, EVP_PKEY *issuer_key, const char *alt)
{
	X509 *x = X509_new();
	X509_NAME *subject = X509_get_subject_name(x);
	X509_EXTENSION *extension;

	X509_set_version(x, 2);
	X509_NAME_add_entry_by_txt(
	    subject, "CN", MBSTRING_ASC, (const unsigned char *)name, -1, -1, 0);
	X509_set_issuer_name(x, issuer ? X509_get_subject_name(issuer) : subject);
	X509_gmtime_adj(X509_getm_notBefore(x), -60);
	X509_gmtime_adj(X509_getm_notAfter(x), 3600);
	X509_set_pubkey(x, key);
	if (alt) {
		extension = X509V3_EXT_conf_nid(NULL, NULL, NID_subject_alt_name, alt);
		X509_add_ext(x, extension, -1);
		X509_EXTENSION_free(extension);
	}
	X509_sign(x, issuer_key ? issuer_key : key, EVP_sha256());
	return x;
}

static inline void
append_bio(struct str *out, BIO *bio)
{
	char *text;
	long len = BIO_get_mem_data(bio, &text);

	str_append(out, (struct view) { text, (size_t)len });
	BIO_free(bio);
}

static inline void
append_certificate(struct str *out, X509 *x)
{
	BIO *bio = BIO_new(BIO_s_mem());

	PEM_write_bio_X509(bio, x);
	append_bio(out, bio);
}

static inline void
append_key(struct str *out, EVP_PKEY *key, int traditional, const char *passphrase)
{
	const EVP_CIPHER *cipher = passphrase ? EVP_aes_128_cbc() : NULL;
	BIO *bio = BIO_new(BIO_s_mem());
	char secret[16] = "";

	if (passphrase)
		OPENSSL_strlcpy(secret, passphrase, sizeof secret);
	if (traditional)
		PEM_write_bio_PrivateKey_traditional(
		    bio, key, cipher, NULL, 0, NULL, passphrase ? secret : NULL);
	else
		PEM_write_bio_PrivateKey(
		    bio, key, cipher, NULL, 0, NULL, passphrase ? secret : NULL);
	append_bio(out, bio);
}

#endif
