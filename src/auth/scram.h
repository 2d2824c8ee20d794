/* scram - SCRAM-SHA-256 without channel binding (RFC 5802, RFC 7677), the client's side: the password
 * is not shown, and the server proves that it knows it too.  The password is used as it is, without
 * SASLprep: that only matters outside ASCII. */
#ifndef AUTH_SCRAM_H
#define AUTH_SCRAM_H

#include <stdbool.h>

#include "auth/credential.h"
#include "lib/hash.h"
#include "lib/str.h"
#include "lib/view.h"

enum {
	SCRAM_NONCE = 24,           /* printable octets without ',' of a client's nonce */
	SCRAM_ITERATIONS = 600000,  /* at most: each costs us time */
	SCRAM_ITERATIONS_MIN = 4096 /* RFC 7677 4 */
};

/* {0} is not begun. */
struct scram {
	char nonce[SCRAM_NONCE];
	struct str first;                    /* client-first-message-bare */
	unsigned char signature[SHA256_LEN]; /* that the server has to show */
	bool verified, lied;                 /* it did; it showed another */
};

/* Random octets made printable. */
void scram_start(struct scram *s, const unsigned char random[SCRAM_NONCE]);
void scram_free(struct scram *s); /* wipes */

/* Append the first message. */
void scram_first(struct scram *s, const struct credential *c, struct str *out);
/* Append the answer to the server's first one.  False: it breaks a rule, or asks for less than
 * SCRAM_ITERATIONS_MIN or more than SCRAM_ITERATIONS. */
bool scram_final(
    struct scram *s, const struct credential *c, struct view challenge, struct str *out);
/* Judge the server's last one; sets `verified` or `lied`.  False: it does not know the password. */
bool scram_verify(struct scram *s, struct view challenge);

#endif
