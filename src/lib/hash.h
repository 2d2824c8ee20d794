/* hash - MD5 (RFC 1321) for CRAM-MD5, SHA-1 for SRS, SHA-256 (FIPS 180-4), and HMAC (RFC 2104) over any.
 * Small and plain: the hot programs link no crypto library.  Tests compare with OpenSSL. */
#ifndef LIB_HASH_H
#define LIB_HASH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/view.h"

enum { MD5_LEN = 16, SHA1_LEN = 20, SHA256_LEN = 32, HASH_MAX = 32 };

enum hash_kind { HASH_MD5, HASH_SHA256, HASH_SHA1 };

size_t hash_len(enum hash_kind kind);

struct hash {
	enum hash_kind kind;
	uint32_t state[8];
	uint64_t length; /* octets so far */
	unsigned char block[64];
};

void hash_start(struct hash *h, enum hash_kind kind);
void hash_add(struct hash *h, struct view bytes);
void hash_finish(
    struct hash *h, unsigned char *out); /* hash_len() bytes; wipes the state */

void hmac(enum hash_kind kind, struct view key, struct view message, unsigned char *out);

/* In a time that depends on `len` only. */
bool hash_equal(const unsigned char *a, const unsigned char *b, size_t len);

#endif
