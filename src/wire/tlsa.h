/* tlsa - the data of TLSA records (RFC 6698 2.1, RFC 7671 4, 5), and a list of them on their way to
 * qmail-tls: each is length (2) and octets, as the DNS has them. */
#ifndef WIRE_TLSA_H
#define WIRE_TLSA_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/str.h"
#include "lib/view.h"

enum {
	TLSA_RECORDS_MAX = 64, /* in a list */
	TLSA_LIST_MAX = 32768, /* octets of a list: it shares a frame with the rest */
};

enum tlsa_usage { TLSA_TA = 2, TLSA_EE = 3 };
enum tlsa_matching { TLSA_FULL = 0, TLSA_SHA256 = 1, TLSA_SHA512 = 2 };

struct tlsa {
	uint8_t usage, selector, matching;
	struct view data; /* the certificate or key, or a digest of it */
};

/* False for what is too short to be one. */
bool tlsa_parse(struct view octets, struct tlsa *out);

/* May it prove a mail server (RFC 7672 3.1.3)?  Whether data of matching type 0 are a certificate or
 * a key, only qmail-tls can tell. */
bool tlsa_is_usable(const struct tlsa *record);

/* Append to a list.  False, nothing appended, if there would be more octets than TLSA_LIST_MAX. */
bool tlsa_add(struct str *list, struct view octets);

/* The next one of a list; *rest moves on.  False at the end, and at what is none: then something is
 * left. */
bool tlsa_next(struct view *rest, struct tlsa *out);

#endif
