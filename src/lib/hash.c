#include "lib/hash.h"

#include <string.h>

#include "os/os.h"

size_t
hash_len(enum hash_kind kind)
{
	static const size_t lengths[] = {
		[HASH_MD5] = MD5_LEN, [HASH_SHA256] = SHA256_LEN, [HASH_SHA1] = SHA1_LEN
	};

	return lengths[kind];
}

static uint32_t
left(uint32_t x, unsigned n)
{
	return x << n | x >> (32 - n);
}

static uint32_t
right(uint32_t x, unsigned n)
{
	return x >> n | x << (32 - n);
}

/* floor(2^32 * abs(sin(i + 1))) */
static const uint32_t md5_table[64] = { 0xd76aa478, 0xe8c7b756, 0x242070db, 0xc1bdceee,
	0xf57c0faf, 0x4787c62a, 0xa8304613, 0xfd469501, 0x698098d8, 0x8b44f7af,
	0xffff5bb1, 0x895cd7be, 0x6b901122, 0xfd987193, 0xa679438e, 0x49b40821,
	0xf61e2562, 0xc040b340, 0x265e5a51, 0xe9b6c7aa, 0xd62f105d, 0x02441453,
	0xd8a1e681, 0xe7d3fbc8, 0x21e1cde6, 0xc33707d6, 0xf4d50d87, 0x455a14ed,
	0xa9e3e905, 0xfcefa3f8, 0x676f02d9, 0x8d2a4c8a, 0xfffa3942, 0x8771f681,
	0x6d9d6122, 0xfde5380c, 0xa4beea44, 0x4bdecfa9, 0xf6bb4b60, 0xbebfbc70,
	0x289b7ec6, 0xeaa127fa, 0xd4ef3085, 0x04881d05, 0xd9d4d039, 0xe6db99e5,
	0x1fa27cf8, 0xc4ac5665, 0xf4292244, 0x432aff97, 0xab9423a7, 0xfc93a039,
	0x655b59c3, 0x8f0ccc92, 0xffeff47d, 0x85845dd1, 0x6fa87e4f, 0xfe2ce6e0,
	0xa3014314, 0x4e0811a1, 0xf7537e82, 0xbd3af235, 0x2ad7d2bb, 0xeb86d391 };
static const unsigned md5_shift[4][4] = { { 7, 12, 17, 22 }, { 5, 9, 14, 20 },
	{ 4, 11, 16, 23 }, { 6, 10, 15, 21 } };

static uint32_t
md5_mix(unsigned round, uint32_t b, uint32_t c, uint32_t d)
{
	switch (round) {
	case 0:
		return (b & c) | (~b & d);
	case 1:
		return (d & b) | (~d & c);
	case 2:
		return b ^ c ^ d;
	default:
		return c ^ (b | ~d);
	}
}

static void
md5_block(uint32_t state[8], const unsigned char *block)
{
	static const unsigned step[4] = { 1, 5, 3, 7 }, start[4] = { 0, 1, 5, 0 };
	uint32_t a = state[0], b = state[1], c = state[2], d = state[3], word[16];
	unsigned i;

	for (i = 0; i < 16; i++)
		word[i] = (uint32_t)block[4 * i] | (uint32_t)block[4 * i + 1] << 8 |
		    (uint32_t)block[4 * i + 2] << 16 | (uint32_t)block[4 * i + 3] << 24;
	for (i = 0; i < 64; i++) {
		unsigned round = i / 16;
		uint32_t sum = a + md5_mix(round, b, c, d) + md5_table[i] +
		    word[(step[round] * i + start[round]) % 16];

		a = d;
		d = c;
		c = b;
		b += left(sum, md5_shift[round][i % 4]);
	}
	state[0] += a;
	state[1] += b;
	state[2] += c;
	state[3] += d;
}

/* The first 32 bits of the fractions of the cube roots of the first 64 primes. */
static const uint32_t sha256_table[64] = { 0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5,
	0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5, 0xd807aa98, 0x12835b01,
	0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
	0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa,
	0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7,
	0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138,
	0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
	0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624,
	0xf40e3585, 0x106aa070, 0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5,
	0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3, 0x748f82ee, 0x78a5636f,
	0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2 };

/* The first 16 words of a schedule, high octet first. */
static void
sha_words(const unsigned char *block, uint32_t word[16])
{
	unsigned i;

	for (i = 0; i < 16; i++)
		word[i] = (uint32_t)block[4 * i] << 24 |
		    (uint32_t)block[4 * i + 1] << 16 | (uint32_t)block[4 * i + 2] << 8 |
		    (uint32_t)block[4 * i + 3];
}

static uint32_t
sha1_mix(unsigned round, uint32_t b, uint32_t c, uint32_t d)
{
	switch (round) {
	case 0:
		return (b & c) | (~b & d);
	case 2:
		return (b & c) | (b & d) | (c & d);
	default:
		return b ^ c ^ d;
	}
}

static void
sha1_block(uint32_t state[8], const unsigned char *block)
{
	static const uint32_t constant[4] = { 0x5a827999, 0x6ed9eba1, 0x8f1bbcdc,
		0xca62c1d6 };
	uint32_t a = state[0], b = state[1], c = state[2], d = state[3], e = state[4];
	uint32_t word[80];
	unsigned i;

	sha_words(block, word);
	for (i = 16; i < 80; i++)
		word[i] =
		    left(word[i - 3] ^ word[i - 8] ^ word[i - 14] ^ word[i - 16], 1);
	for (i = 0; i < 80; i++) {
		uint32_t sum = left(a, 5) + sha1_mix(i / 20, b, c, d) + e +
		    constant[i / 20] + word[i];

		e = d;
		d = c;
		c = left(b, 30);
		b = a;
		a = sum;
	}
	state[0] += a;
	state[1] += b;
	state[2] += c;
	state[3] += d;
	state[4] += e;
}

static void
sha256_schedule(const unsigned char *block, uint32_t word[64])
{
	unsigned i;

	sha_words(block, word);
	for (i = 16; i < 64; i++) {
		uint32_t x = word[i - 15], y = word[i - 2];

		word[i] = word[i - 16] + (right(x, 7) ^ right(x, 18) ^ x >> 3) +
		    word[i - 7] + (right(y, 17) ^ right(y, 19) ^ y >> 10);
	}
}

static void
sha256_block(uint32_t state[8], const unsigned char *block)
{
	uint32_t word[64], v[8];
	unsigned i;

	sha256_schedule(block, word);
	memcpy(v, state, sizeof v);
	for (i = 0; i < 64; i++) {
		uint32_t a = v[0], e = v[4];
		uint32_t t1 = v[7] + (right(e, 6) ^ right(e, 11) ^ right(e, 25)) +
		    ((e & v[5]) ^ (~e & v[6])) + sha256_table[i] + word[i];
		uint32_t t2 = (right(a, 2) ^ right(a, 13) ^ right(a, 22)) +
		    ((a & v[1]) ^ (a & v[2]) ^ (v[1] & v[2]));

		memmove(v + 1, v, 7 * sizeof *v);
		v[4] += t1;
		v[0] = t1 + t2;
	}
	for (i = 0; i < 8; i++)
		state[i] += v[i];
}

void
hash_start(struct hash *h, enum hash_kind kind)
{
	/* Of MD5 and SHA-1, which begin alike. */
	static const uint32_t initial[8] = { 0x67452301, 0xefcdab89, 0x98badcfe,
		0x10325476, 0xc3d2e1f0 };
	static const uint32_t sha256_initial[8] = { 0x6a09e667, 0xbb67ae85, 0x3c6ef372,
		0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19 };

	*h = (struct hash) { .kind = kind };
	memcpy(h->state, kind == HASH_SHA256 ? sha256_initial : initial, sizeof h->state);
}

static void
take_block(struct hash *h, const unsigned char *block)
{
	switch (h->kind) {
	case HASH_MD5:
		md5_block(h->state, block);
		break;
	case HASH_SHA256:
		sha256_block(h->state, block);
		break;
	case HASH_SHA1:
		sha1_block(h->state, block);
		break;
	}
}

void
hash_add(struct hash *h, struct view bytes)
{
	while (bytes.len > 0) {
		size_t used = h->length % 64;
		size_t take = bytes.len < 64 - used ? bytes.len : 64 - used;

		memcpy(h->block + used, bytes.at, take);
		h->length += take;
		bytes = view_from(bytes, take);
		if (used + take == 64)
			take_block(h, h->block);
	}
}

void
hash_finish(struct hash *h, unsigned char *out)
{
	uint64_t bits = h->length * 8;
	size_t used = h->length % 64, i;

	h->block[used++] = 0x80;
	if (used > 56) {
		memset(h->block + used, 0, 64 - used);
		take_block(h, h->block);
		used = 0;
	}
	memset(h->block + used, 0, 56 - used);
	for (i = 0; i < 8; i++)
		h->block[56 + i] =
		    (unsigned char)(bits >> (h->kind == HASH_MD5 ? 8 * i : 56 - 8 * i));
	take_block(h, h->block);
	for (i = 0; i < hash_len(h->kind); i++)
		out[i] = (unsigned char)(h->state[i / 4] >>
		    (h->kind == HASH_MD5 ? 8 * (i % 4) : 24 - 8 * (i % 4)));
	os_wipe(h, sizeof *h);
}

static void
hmac_pass(enum hash_kind kind, const unsigned char key[64], unsigned char pad,
    struct view bytes, unsigned char *out)
{
	unsigned char block[64];
	struct hash h;
	size_t i;

	for (i = 0; i < sizeof block; i++)
		block[i] = key[i] ^ pad;
	hash_start(&h, kind);
	hash_add(&h, (struct view) { (const char *)block, sizeof block });
	hash_add(&h, bytes);
	hash_finish(&h, out);
	os_wipe(block, sizeof block);
}

void
hmac(enum hash_kind kind, struct view key, struct view message, unsigned char *out)
{
	unsigned char block[64] = { 0 }, inner[HASH_MAX];
	struct hash h;

	if (key.len > sizeof block) {
		hash_start(&h, kind);
		hash_add(&h, key);
		hash_finish(&h, block);
	} else if (key.len) {
		memcpy(block, key.at, key.len);
	}
	hmac_pass(kind, block, 0x36, message, inner);
	hmac_pass(kind, block, 0x5c,
	    (struct view) { (const char *)inner, hash_len(kind) }, out);
	os_wipe(block, sizeof block);
	os_wipe(inner, sizeof inner);
}

bool
hash_equal(const unsigned char *a, const unsigned char *b, size_t len)
{
	unsigned char differs = 0;
	size_t i;

	for (i = 0; i < len; i++)
		differs |= a[i] ^ b[i];
	return differs == 0;
}
