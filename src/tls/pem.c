#include "tls/pem.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/x509v3.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/fd.h"
#include "tls/library.h"

int
pem_read_file(const char *path, struct str *out)
{
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC), result = -1;
	struct stat st;

	if (fd < 0)
		return -1;
	if (fstat(fd, &st) < 0) {
		fd_close(&fd);
		return -1;
	}
	errno = S_ISREG(st.st_mode) ? EFBIG : EINVAL;
	if (S_ISREG(st.st_mode) && st.st_size <= PEM_FILE_MAX) {
		/* All at once: growing would leave copies of the key behind. */
		str_reserve(out, (size_t)st.st_size + 3 * 4096);
		result = fd_read_all(fd, out, (size_t)st.st_size + 4096);
	}
	fd_close(&fd);
	return result;
}

static int
add_certificate(struct pem *p, const char *name, const unsigned char *der, long len,
    struct str *reason)
{
	bool trusted = strcmp(name, PEM_STRING_X509_TRUSTED) == 0;
	X509 *x = trusted ? d2i_X509_AUX(NULL, &der, len) : d2i_X509(NULL, &der, len);

	if (!x) {
		library_reason(reason, "broken certificate");
		return -1;
	}
	if (p->certificate_count == PEM_CERTIFICATES) {
		X509_free(x);
		return library_refuse(reason, "too many certificates");
	}
	p->certificates[p->certificate_count++] = x;
	return 0;
}

/* Takes the key. */
static int
add_key(struct pem *p, EVP_PKEY *key, struct str *reason)
{
	if (!key) {
		library_reason(reason, "broken private key");
		return -1;
	}
	if (p->key_count == PEM_KEYS) {
		EVP_PKEY_free(key);
		return library_refuse(reason, "too many private keys");
	}
	p->keys[p->key_count++] = key;
	return 0;
}

/* PKCS #8 with a passphrase. */
static EVP_PKEY *
decrypt_key(const unsigned char *der, long len, struct view passphrase)
{
	X509_SIG *sealed = d2i_X509_SIG(NULL, &der, len);
	PKCS8_PRIV_KEY_INFO *open =
	    sealed ? PKCS8_decrypt(sealed, passphrase.at, (int)passphrase.len) : NULL;
	EVP_PKEY *key = open ? EVP_PKCS82PKEY(open) : NULL;

	PKCS8_PRIV_KEY_INFO_free(open);
	X509_SIG_free(sealed);
	return key;
}

static int
give_passphrase(char *out, int size, int writing, void *passphrase)
{
	const struct view *text = passphrase;

	(void)writing;
	if (text->len > (size_t)size)
		return -1;
	memcpy(out, text->at, text->len);
	return (int)text->len;
}

/* The older way, where the header says how the octets are encrypted; they are decrypted in place. */
static bool
decrypt_block(char *header, unsigned char *der, long *len, struct view passphrase)
{
	EVP_CIPHER_INFO cipher;

	return PEM_get_EVP_CIPHER_INFO(header, &cipher) == 1 &&
	    PEM_do_header(&cipher, der, len, give_passphrase, &passphrase) == 1;
}

static int
add_private(struct pem *p, const char *name, char *header, unsigned char *der, long len,
    struct str *reason)
{
	bool sealed = strcmp(name, PEM_STRING_PKCS8) == 0,
	     encrypted = strstr(header, "ENCRYPTED") != NULL;
	const unsigned char *octets = der;

	if ((sealed || encrypted) && p->passphrase.len == 0)
		return library_refuse(reason, "the private key has a passphrase");
	if (sealed)
		return add_key(p, decrypt_key(der, len, p->passphrase), reason);
	if (encrypted && !decrypt_block(header, der, &len, p->passphrase)) {
		library_reason(reason, "wrong passphrase");
		return -1;
	}
	return add_key(p, d2i_AutoPrivateKey(NULL, &octets, len), reason);
}

/* Other blocks (EC PARAMETERS, DH PARAMETERS of old files) mean nothing here. */
static int
add_block(struct pem *p, const char *name, char *header, unsigned char *der, long len,
    struct str *reason)
{
	if (strcmp(name, PEM_STRING_X509) == 0 ||
	    strcmp(name, PEM_STRING_X509_OLD) == 0 ||
	    strcmp(name, PEM_STRING_X509_TRUSTED) == 0)
		return add_certificate(p, name, der, len, reason);
	if (strcmp(name, PEM_STRING_PKCS8) == 0 ||
	    strcmp(name, PEM_STRING_PKCS8INF) == 0 || strcmp(name, PEM_STRING_RSA) == 0 ||
	    strcmp(name, PEM_STRING_ECPRIVATEKEY) == 0)
		return add_private(p, name, header, der, len, reason);
	return 0;
}

static int
parse_blocks(BIO *bio, struct pem *out, struct str *reason)
{
	char *name, *header;
	unsigned char *der;
	int result = 0;
	long len;

	while (result == 0 &&
	    PEM_read_bio_ex(bio, &name, &header, &der, &len, PEM_FLAG_SECURE) == 1) {
		result = add_block(out, name, header, der, len, reason);
		OPENSSL_secure_free(name);
		OPENSSL_secure_free(header);
		OPENSSL_secure_clear_free(der, (size_t)len);
	}
	if (result == 0 && ERR_GET_REASON(ERR_peek_last_error()) != PEM_R_NO_START_LINE) {
		library_reason(reason, "broken PEM file");
		return -1;
	}
	return result;
}

int
pem_parse(struct view bytes, struct view passphrase, struct pem *out, struct str *reason)
{
	BIO *bio = BIO_new_mem_buf(bytes.at ? bytes.at : "", (int)bytes.len);
	int result;

	*out = (struct pem) { .passphrase = passphrase };
	ERR_clear_error();
	if (!bio)
		return library_refuse(reason, "out of memory");
	result = parse_blocks(bio, out, reason);
	BIO_free(bio);
	out->passphrase = VIEW("");
	ERR_clear_error();
	if (result == 0 && out->certificate_count == 0)
		return library_refuse(reason, "no certificate in the file");
	if (result == 0 && out->key_count == 0)
		return library_refuse(reason, "no private key in the file");
	return result;
}

void
pem_free(struct pem *p)
{
	size_t i;

	for (i = 0; i < p->certificate_count; i++)
		X509_free(p->certificates[i]);
	for (i = 0; i < p->key_count; i++)
		EVP_PKEY_free(p->keys[i]);
	*p = (struct pem) { 0 };
}

static X509 *
certificate_of(const struct pem *p, EVP_PKEY *key)
{
	size_t i;

	for (i = 0; i < p->certificate_count; i++)
		if (X509_check_private_key(p->certificates[i], key) == 1)
			return p->certificates[i];
	return NULL;
}

static X509 *
issuer_of(const struct pem *p, X509 *subject)
{
	size_t i;

	for (i = 0; i < p->certificate_count; i++)
		if (p->certificates[i] != subject &&
		    X509_check_issued(p->certificates[i], subject) == X509_V_OK)
			return p->certificates[i];
	return NULL;
}

/* The stack owns nothing: what it is given to takes references. */
static STACK_OF(X509) * chain_of(const struct pem *p, X509 *leaf)
{
	STACK_OF(X509) *chain = sk_X509_new_null();
	X509 *next = leaf;

	while (chain && (next = issuer_of(p, next)) != NULL &&
	    sk_X509_num(chain) < PEM_CERTIFICATES) {
		if (next == leaf || sk_X509_find(chain, next) >= 0)
			break;
		sk_X509_push(chain, next);
	}
	return chain;
}

static int
use_key(const struct pem *p, EVP_PKEY *key, SSL_CTX *ctx, SSL *ssl, struct str *reason)
{
	X509 *leaf = certificate_of(p, key);
	STACK_OF(X509) * chain;
	int result;

	if (!leaf)
		return library_refuse(
		    reason, "no certificate belongs to the private key");
	chain = chain_of(p, leaf);
	result = ctx ? SSL_CTX_use_cert_and_key(ctx, leaf, key, chain, 1)
		     : SSL_use_cert_and_key(ssl, leaf, key, chain, 1);
	sk_X509_free(chain);
	if (result != 1) {
		library_reason(reason, "certificate not usable");
		return -1;
	}
	return 0;
}

int
pem_use(const struct pem *p, SSL_CTX *ctx, SSL *ssl, struct str *reason)
{
	size_t i;

	for (i = 0; i < p->key_count; i++)
		if (use_key(p, p->keys[i], ctx, ssl, reason) < 0)
			return -1;
	ERR_clear_error();
	return 0;
}
