#define _GNU_SOURCE
#include "tls/resume.h"

#include <netinet/in.h>
#include <openssl/err.h>
#include <openssl/x509.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>

#include "os/os.h"
#include "tls/stamp.h"

enum {
	SLOTS = 512,
	WAYS = 8,           /* places where a session may be */
	SESSION_MAX = 4096, /* octets, with the server's certificate */
};

/* Whoever turns a state into BUSY has the slot to itself until it sets another one.  A child that is
 * killed meanwhile takes the slot with it. */
enum state { STATE_FREE, STATE_BUSY, STATE_FULL };

struct slot {
	atomic_int state;
	int64_t until_ms; /* os_monotonic_ms() */
	unsigned char key[SHA256_LEN];
	size_t len;
	unsigned char session[SESSION_MAX];
};

struct resume {
	struct slot slots[SLOTS];
};

struct resume *
resume_new(void)
{
	void *mem = mmap(NULL, sizeof(struct resume), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (mem == MAP_FAILED)
		return NULL;
	madvise(mem, sizeof(struct resume), MADV_DONTDUMP);
	return mem;
}

/* --- the store --- */

static struct slot *
way(struct resume *r, const unsigned char *key, size_t i)
{
	size_t start = ((size_t)key[0] << 8 | key[1]) % (SLOTS / WAYS) * WAYS;

	return &r->slots[start + i];
}

static bool
lock(struct slot *slot, int state)
{
	return atomic_compare_exchange_strong(&slot->state, &state, STATE_BUSY);
}

/* The octets of a session, which is then no more in the store. */
static size_t
take(struct resume *r, const unsigned char *key, unsigned char octets[SESSION_MAX])
{
	int64_t now = os_monotonic_ms();
	size_t i, len = 0;

	for (i = 0; i < WAYS && len == 0; i++) {
		struct slot *slot = way(r, key, i);

		if (!lock(slot, STATE_FULL))
			continue;
		if (memcmp(slot->key, key, sizeof slot->key) != 0) {
			atomic_store(&slot->state, STATE_FULL);
			continue;
		}
		if (slot->until_ms > now) {
			len = slot->len;
			memcpy(octets, slot->session, len);
		}
		os_wipe(slot->session, slot->len);
		atomic_store(&slot->state, STATE_FREE);
	}
	return len;
}

/* A free place, or that of the session which ends first. */
static struct slot *
lock_place(struct resume *r, const unsigned char *key)
{
	struct slot *oldest = NULL;
	size_t i;

	for (i = 0; i < WAYS; i++) {
		struct slot *slot = way(r, key, i);

		if (lock(slot, STATE_FREE))
			return slot;
		if (!oldest || slot->until_ms < oldest->until_ms)
			oldest = slot;
	}
	return lock(oldest, STATE_FULL) ? oldest : NULL;
}

static void
keep(struct resume *r, const unsigned char *key, SSL_SESSION *session)
{
	int len = i2d_SSL_SESSION(session, NULL);
	long seconds = (long)SSL_SESSION_get_timeout(session);
	unsigned char *out;
	struct slot *slot;

	if (len <= 0 || len > SESSION_MAX || !SSL_SESSION_is_resumable(session))
		return;
	slot = lock_place(r, key);
	if (!slot)
		return;
	out = slot->session;
	slot->len = (size_t)i2d_SSL_SESSION(session, &out);
	memcpy(slot->key, key, sizeof slot->key);
	if (seconds > RESUME_SECONDS)
		seconds = RESUME_SECONDS;
	slot->until_ms = os_monotonic_ms() + 1000 * (int64_t)seconds;
	atomic_store(&slot->state, STATE_FULL);
}

/* --- whose session it is --- */

static void
add(struct hash *h, const void *at, size_t len)
{
	uint64_t length = len;

	hash_add(h, (struct view) { (const char *)&length, sizeof length });
	hash_add(h, (struct view) { at, len });
}

static void
add_file(struct hash *h, const char *path)
{
	struct stamp stamp = stamp_of(path);

	add(h, &stamp, sizeof stamp);
}

static bool
add_peer(struct hash *h, int net)
{
	union {
		struct sockaddr any;
		struct sockaddr_in v4;
		struct sockaddr_in6 v6;
	} peer;
	socklen_t len = sizeof peer;

	memset(&peer, 0, sizeof peer);
	if (getpeername(net, &peer.any, &len) < 0)
		return false;
	if (peer.any.sa_family == AF_INET) {
		add(h, &peer.v4.sin_addr, sizeof peer.v4.sin_addr);
		add(h, &peer.v4.sin_port, sizeof peer.v4.sin_port);
	} else if (peer.any.sa_family == AF_INET6) {
		add(h, &peer.v6.sin6_addr, sizeof peer.v6.sin6_addr);
		add(h, &peer.v6.sin6_port, sizeof peer.v6.sin6_port);
	} else {
		return false;
	}
	return true;
}

static bool
make_key(const struct request *r, int net, unsigned char key[SHA256_LEN])
{
	struct hash hash;

	hash_start(&hash, HASH_SHA256);
	if (!add_peer(&hash, net))
		return false;
	add(&hash, r->digest, sizeof r->digest);
	add_file(&hash, X509_get_default_cert_dir());
	add_file(&hash, str_text(&r->trust));
	add_file(&hash, str_text(&r->certificate));
	add_file(&hash, str_text(&r->key));
	hash_finish(&hash, key);
	return true;
}

/* --- a connection --- */

/* OpenSSL has a session to be kept: TLS 1.2's during the handshake, TLS 1.3's at any time after it.
 * 1: the reference is ours now. */
static int
on_session(SSL *ssl, SSL_SESSION *session)
{
	struct resume_link *link = SSL_get_app_data(ssl);

	if (!link || !link->sessions)
		return 0;
	if (link->good) {
		keep(link->sessions, link->key, session);
		return 0;
	}
	SSL_SESSION_free(link->pending);
	link->pending = session;
	return 1;
}

void
resume_use(SSL_CTX *ctx)
{
	SSL_CTX_set_session_cache_mode(
	    ctx, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
	SSL_CTX_sess_set_new_cb(ctx, on_session);
}

/* A certificate may have expired since. */
static bool
is_in_time(SSL_SESSION *session)
{
	X509 *peer = SSL_SESSION_get0_peer(session);

	return peer && X509_cmp_current_time(X509_get0_notAfter(peer)) > 0;
}

static void
offer(SSL *ssl, const unsigned char *octets, size_t len, const struct request *r)
{
	SSL_SESSION *session = d2i_SSL_SESSION(NULL, &octets, (long)len);

	if (session && (!tls_level_verifies(r->level) || is_in_time(session)))
		SSL_set_session(ssl, session);
	SSL_SESSION_free(session);
	ERR_clear_error();
}

void
resume_start(struct resume *sessions, struct resume_link *link, SSL *ssl,
    const struct request *r, int net)
{
	unsigned char octets[SESSION_MAX];
	size_t len;

	*link = (struct resume_link) { 0 };
	SSL_set_app_data(ssl, link);
	if (!sessions || !make_key(r, net, link->key))
		return;
	link->sessions = sessions;
	len = take(sessions, link->key, octets);
	if (len > 0)
		offer(ssl, octets, len, r);
	os_wipe(octets, len);
}

void
resume_confirm(struct resume_link *link)
{
	link->good = true;
	if (link->pending)
		keep(link->sessions, link->key, link->pending);
	resume_end(link);
}

void
resume_end(struct resume_link *link)
{
	SSL_SESSION_free(link->pending);
	link->pending = NULL;
}
