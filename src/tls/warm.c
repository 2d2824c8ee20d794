#include "tls/warm.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

enum { ROUNDS = 10, SECONDS_VALID = 60 };

/* A server with a key made just now and a certificate that nobody will see. */
static SSL_CTX *
throwaway_server(void)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");
	X509 *certificate = X509_new();
	SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());

	if (key && certificate && ctx) {
		X509_gmtime_adj(X509_getm_notBefore(certificate), 0);
		X509_gmtime_adj(X509_getm_notAfter(certificate), SECONDS_VALID);
		X509_set_pubkey(certificate, key);
		X509_sign(certificate, key, EVP_sha256());
		SSL_CTX_use_cert_and_key(ctx, certificate, key, NULL, 1);
	}
	X509_free(certificate);
	EVP_PKEY_free(key);
	return ctx;
}

static void
shake_hands(SSL *server, SSL *client)
{
	int round, done = 0;

	SSL_set_accept_state(server);
	SSL_set_connect_state(client);
	SSL_set_verify(client, SSL_VERIFY_NONE, NULL);
	for (round = 0; round < ROUNDS && done != 2; round++)
		done = (SSL_do_handshake(client) == 1) + (SSL_do_handshake(server) == 1);
}

void
warm_up(SSL_CTX *server, SSL_CTX *client)
{
	SSL_CTX *s = server ? server : throwaway_server();
	SSL_CTX *c = client ? client : SSL_CTX_new(TLS_client_method());
	SSL *ours = s ? SSL_new(s) : NULL, *theirs = c ? SSL_new(c) : NULL;
	BIO *a = NULL, *b = NULL;

	if (ours && theirs && BIO_new_bio_pair(&a, 0, &b, 0) == 1) {
		SSL_set_bio(ours, a, a);
		SSL_set_bio(theirs, b, b);
		shake_hands(ours, theirs);
	}
	SSL_free(ours);
	SSL_free(theirs);
	if (!server)
		SSL_CTX_free(s);
	if (!client)
		SSL_CTX_free(c);
	ERR_clear_error();
}
