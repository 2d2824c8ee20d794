#define _GNU_SOURCE
#include "tls/tickets.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/rand.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>

#include "os/os.h"

enum { NAME_LEN = 16, KEY_LEN = 32, SLOTS = 2 };

struct slot {
	unsigned char name[NAME_LEN], cipher[KEY_LEN], mac[KEY_LEN];
};

/* The parent writes into the slot that is not current and then makes it current.  A child that
 * reads an old slot just then finds another name, or a MAC that does not fit: both mean a full
 * handshake and nothing worse, so there is no lock. */
struct tickets {
	struct slot slots[SLOTS];
	atomic_uint current;
	int64_t since;
};

static void
fill(struct slot *slot)
{
	os_random(slot->name, sizeof slot->name);
	os_random(slot->cipher, sizeof slot->cipher);
	os_random(slot->mac, sizeof slot->mac);
}

struct tickets *
tickets_new(int64_t now)
{
	void *mem = mmap(NULL, sizeof(struct tickets), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct tickets *t = mem;
	unsigned i;

	if (mem == MAP_FAILED)
		return NULL;
	for (i = 0; i < SLOTS; i++)
		fill(&t->slots[i]);
	atomic_store(&t->current, 0);
	t->since = now;
	return t;
}

void
tickets_renew(struct tickets *t, int64_t now)
{
	unsigned next = (atomic_load(&t->current) + 1) % SLOTS;

	if (now - t->since < TICKETS_RENEW)
		return;
	fill(&t->slots[next]);
	atomic_store(&t->current, next);
	t->since = now;
}

static int
set_keys(const struct slot *slot, const unsigned char *iv, EVP_CIPHER_CTX *cipher,
    EVP_MAC_CTX *mac, int encrypt)
{
	char digest[] = "SHA256";
	unsigned char key[KEY_LEN];
	OSSL_PARAM params[3];
	int result;

	memcpy(key, slot->mac, sizeof key);
	params[0] =
	    OSSL_PARAM_construct_octet_string(OSSL_MAC_PARAM_KEY, key, sizeof key);
	params[1] = OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0);
	params[2] = OSSL_PARAM_construct_end();
	result = EVP_MAC_CTX_set_params(mac, params) == 1 &&
	    EVP_CipherInit_ex(
		cipher, EVP_aes_256_cbc(), NULL, slot->cipher, iv, encrypt) == 1;
	os_wipe(key, sizeof key);
	return result ? 1 : -1;
}

static int
accept_ticket(SSL *ssl, struct tickets *t, const unsigned char *name,
    const unsigned char *iv, EVP_CIPHER_CTX *cipher, EVP_MAC_CTX *mac)
{
	unsigned i, current = atomic_load(&t->current);

	for (i = 0; i < SLOTS; i++)
		if (memcmp(name, t->slots[i].name, NAME_LEN) == 0)
			break;
	if (i == SLOTS)
		return 0;
	if (set_keys(&t->slots[i], iv, cipher, mac, 0) < 0)
		return -1;
	/* 2: and issue a fresh one, since in TLS 1.3 a client uses each only once. */
	return i != current || SSL_version(ssl) >= TLS1_3_VERSION ? 2 : 1;
}

static int
ticket_key(SSL *ssl, unsigned char *name, unsigned char *iv, EVP_CIPHER_CTX *cipher,
    EVP_MAC_CTX *mac, int encrypt)
{
	struct tickets *t = SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl));
	const struct slot *slot;

	if (!t)
		return 0;
	if (!encrypt)
		return accept_ticket(ssl, t, name, iv, cipher, mac);
	slot = &t->slots[atomic_load(&t->current) % SLOTS];
	memcpy(name, slot->name, NAME_LEN);
	if (RAND_bytes(iv, EVP_CIPHER_get_iv_length(EVP_aes_256_cbc())) != 1)
		return -1;
	return set_keys(slot, iv, cipher, mac, 1);
}

int
tickets_use(SSL_CTX *ctx, struct tickets *t)
{
	if (SSL_CTX_set_app_data(ctx, t) != 1 ||
	    SSL_CTX_set_tlsext_ticket_key_evp_cb(ctx, ticket_key) != 1)
		return -1;
	SSL_CTX_set_num_tickets(ctx, 1);
	SSL_CTX_set_timeout(ctx, TICKETS_LIFE);
	/* The ticket holds all: nothing is kept here between sessions. */
	SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
	return 0;
}

void
tickets_refuse(SSL_CTX *ctx)
{
	SSL_CTX_set_options(ctx, SSL_OP_NO_TICKET);
	SSL_CTX_set_num_tickets(ctx, 0);
	SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
}
