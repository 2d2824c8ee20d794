/* srs - the Sender Rewriting Scheme: an envelope sender of another domain, written as one of ours when
 * we forward its mail, so that SPF finds us in order, and taken back when a bounce comes.  The
 * addresses are those of libsrs2 and postsrsd:
 *
 *   SRS0=HASH=STAMP=HOST=USER@OURS     of USER@HOST; STAMP is the day, modulo 1024
 *   SRS1=HASH=HOST==HASH=STAMP=...@OURS of SRS0=...@HOST: HOST is told, who tells the first sender
 *
 * HASH begins the base64 of HMAC-SHA1 over what follows it, in lower case, under a secret: nobody else
 * can make an address that we send mail to.  The first '=' may be '-' or '+'.  Pure. */
#ifndef SRS_SRS_H
#define SRS_SRS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/str.h"
#include "lib/view.h"

enum {
	SRS_ADDRESS_MAX = 900, /* octets of an address that is taken or made */
	SRS_HASH_MAX = 26,     /* letters that SHA-1 has bits for */
};

struct srs {
	struct view domain;         /* ours; in new addresses */
	const struct view *secrets; /* the first signs, all verify; at least one */
	size_t secret_count;
	uint64_t max_age;   /* days */
	size_t hash_length; /* letters in new addresses; 1 to SRS_HASH_MAX */
	size_t hash_min;    /* letters that verify; at most hash_length */
	char separator;     /* behind SRS0 and SRS1 in new addresses: '=', '-' or '+' */
};

enum srs_result {
	SRS_OK,
	SRS_NOT_SRS,
	SRS_MALFORMED,
	SRS_HASH_TOO_SHORT,
	SRS_FORGED,  /* no secret has made it */
	SRS_EXPIRED, /* older than max_age, or of the future */
	SRS_TOO_LONG,
};

/* What went wrong, as libsrs2 says it: "Hash invalid in SRS address." */
const char *srs_text(enum srs_result result);

/* Does it begin with SRS0 or SRS1 and a separator?  Case does not matter. */
bool srs_is_srs(struct view address);

/* Append the address that stands for `sender`, which has an '@', at `now`: SRS_OK, SRS_MALFORMED for
 * an SRS1 address that lacks a part, or SRS_TOO_LONG. */
enum srs_result srs_forward(
    const struct srs *srs, struct view sender, int64_t now, struct str *out);

/* Append the address that `address` stands for; what is behind its last '@' does not count. */
enum srs_result srs_reverse(
    const struct srs *srs, struct view address, int64_t now, struct str *out);

#endif
