/* pem - a certificate, its chain and its private key from one PEM file, in any order.  Two keys
 * with a certificate each (say RSA and ECDSA) may be in one file. */
#ifndef TLS_PEM_H
#define TLS_PEM_H

#include <openssl/ssl.h>
#include <openssl/x509.h>

#include "lib/str.h"
#include "lib/view.h"

enum { PEM_KEYS = 2, PEM_CERTIFICATES = 32, PEM_FILE_MAX = 1024 * 1024 };

struct pem {
	X509 *certificates[PEM_CERTIFICATES]; /* in the file's order */
	size_t certificate_count;
	EVP_PKEY *keys[PEM_KEYS];
	size_t key_count;
	struct view passphrase; /* while it is parsed */
};

/* Read a regular file of at most PEM_FILE_MAX octets into `out`, to be given to str_wipe().
 * 0, or -1 with errno. */
int pem_read_file(const char *path, struct str *out);

/* Take `bytes` apart; `passphrase` is for a private key that needs one, nobody is asked.  0, or -1
 * with the reason appended.  pem_free() in both cases; {0} is valid and empty. */
int pem_parse(
    struct view bytes, struct view passphrase, struct pem *out, struct str *reason);
void pem_free(struct pem *p);

/* Use each key with the certificate that belongs to it, and the chain of that by issuers.  One of
 * `ctx` and `ssl` is NULL.  0, or -1 with the reason appended. */
int pem_use(const struct pem *p, SSL_CTX *ctx, SSL *ssl, struct str *reason);

#endif
