#include "auth/scram.h"

#include <string.h>

#include "auth/gs2.h"
#include "lib/base64.h"
#include "lib/scan.h"
#include "os/os.h"

enum { SALT_MAX = 1024 };

#define GS2_HEADER   "n,,"
#define GS2_IN_FINAL "biws" /* the same in base64 */

void
scram_start(struct scram *s, const unsigned char random[SCRAM_NONCE])
{
	static const char letters[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	size_t i;

	*s = (struct scram) { .verified = false };
	for (i = 0; i < SCRAM_NONCE; i++)
		s->nonce[i] = letters[random[i] % 64];
}

void
scram_free(struct scram *s)
{
	str_wipe(&s->first);
	os_wipe(s, sizeof *s);
}

static struct view
octets(const unsigned char *at, size_t len)
{
	return (struct view) { (const char *)at, len };
}

void
scram_first(struct scram *s, const struct credential *c, struct str *out)
{
	str_clear(&s->first);
	str_append_text(&s->first, "n=");
	gs2_append_name(&s->first, credential_user(c));
	str_append_text(&s->first, ",r=");
	str_append(&s->first, (struct view) { s->nonce, SCRAM_NONCE });
	str_append_text(out, GS2_HEADER);
	str_append(out, str_view(&s->first));
}

/* Take "k=VALUE" and the comma behind it off `rest`. */
static bool
take(struct view *rest, const char *key, struct view *value)
{
	size_t end = view_index(*rest, ',');

	if (!view_starts(*rest, view_of(key)))
		return false;
	*value = view_from(view_first(*rest, end), strlen(key));
	*rest = view_from(*rest, end + 1);
	return true;
}

struct server_first {
	struct view nonce;
	struct str salt;
	uint64_t iterations;
};

static bool
parse_server_first(const struct scram *s, struct view text, struct server_first *out)
{
	struct view mine = { s->nonce, SCRAM_NONCE }, salt, count;

	if (!take(&text, "r=", &out->nonce) || !view_starts(out->nonce, mine) ||
	    out->nonce.len == mine.len || !take(&text, "s=", &salt) ||
	    !take(&text, "i=", &count))
		return false;
	return salt.len <= SALT_MAX && base64_decode(&out->salt, salt) &&
	    scan_whole_u64(count, &out->iterations) &&
	    out->iterations >= SCRAM_ITERATIONS_MIN &&
	    out->iterations <= SCRAM_ITERATIONS;
}

static void
xor_into(unsigned char *to, const unsigned char *from)
{
	size_t i;

	for (i = 0; i < SHA256_LEN; i++)
		to[i] ^= from[i];
}

/* Hi() of RFC 5802: PBKDF2 with one block. */
static void
salt_password(struct view password, const struct server_first *first, unsigned char *out)
{
	unsigned char u[SHA256_LEN];
	struct str message = { 0 };
	uint64_t i;

	str_append(&message, str_view(&first->salt));
	str_append(&message, VIEW("\0\0\0\001"));
	hmac(HASH_SHA256, password, str_view(&message), u);
	memcpy(out, u, sizeof u);
	for (i = 1; i < first->iterations; i++) {
		hmac(HASH_SHA256, password, octets(u, sizeof u), u);
		xor_into(out, u);
	}
	os_wipe(u, sizeof u);
	str_free(&message);
}

/* The client's proof, and the signature that the server will have to show. */
static void
prove(struct scram *s, const unsigned char *salted, struct view message,
    unsigned char *proof)
{
	unsigned char stored[SHA256_LEN], key[SHA256_LEN];
	struct hash h;

	hmac(HASH_SHA256, octets(salted, SHA256_LEN), VIEW("Client Key"), proof);
	hash_start(&h, HASH_SHA256);
	hash_add(&h, octets(proof, SHA256_LEN));
	hash_finish(&h, stored);
	hmac(HASH_SHA256, octets(stored, sizeof stored), message, key);
	xor_into(proof, key);
	hmac(HASH_SHA256, octets(salted, SHA256_LEN), VIEW("Server Key"), key);
	hmac(HASH_SHA256, octets(key, sizeof key), message, s->signature);
	os_wipe(stored, sizeof stored);
	os_wipe(key, sizeof key);
}

static void
append_final(struct scram *s, const struct credential *c, struct view challenge,
    const struct server_first *first, struct str *out)
{
	unsigned char salted[SHA256_LEN], proof[SHA256_LEN];
	struct str message = { 0 }, bare = { 0 };

	str_append_text(&bare, "c=" GS2_IN_FINAL ",r=");
	str_append(&bare, first->nonce);
	str_append(&message, str_view(&s->first));
	str_append_byte(&message, ',');
	str_append(&message, challenge);
	str_append_byte(&message, ',');
	str_append(&message, str_view(&bare));
	salt_password(credential_pass(c), first, salted);
	prove(s, salted, str_view(&message), proof);
	str_append(out, str_view(&bare));
	str_append_text(out, ",p=");
	base64_encode(out, octets(proof, sizeof proof));
	os_wipe(salted, sizeof salted);
	os_wipe(proof, sizeof proof);
	str_free(&message);
	str_free(&bare);
}

bool
scram_final(
    struct scram *s, const struct credential *c, struct view challenge, struct str *out)
{
	struct server_first first = { .iterations = 0 };
	bool ok = parse_server_first(s, challenge, &first);

	if (ok)
		append_final(s, c, challenge, &first, out);
	str_free(&first.salt);
	return ok;
}

bool
scram_verify(struct scram *s, struct view challenge)
{
	struct str signature = { 0 };
	struct view value;

	s->verified = take(&challenge, "v=", &value) &&
	    base64_decode(&signature, value) && signature.len == SHA256_LEN &&
	    hash_equal((const unsigned char *)signature.at, s->signature, SHA256_LEN);
	s->lied = !s->verified;
	str_free(&signature);
	return s->verified;
}
