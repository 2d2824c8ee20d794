/* tlslevel - what the certificate of a server must be for a session with it: none, any, a good one. */
#ifndef WIRE_TLSLEVEL_H
#define WIRE_TLSLEVEL_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/view.h"

/* From TLS_ENCRYPT on there is no clear text.  The numbers go over the wire. */
enum tls_level {
	TLS_NONE = 0, /* not used */
	TLS_MAY =
	    1, /* any certificate or none; the verification result is only reported */
	TLS_ENCRYPT = 2,     /* the same, but no clear text */
	TLS_SECURE = 3,      /* certificate chains to the trust store and has the name */
	TLS_CHAIN = 4,       /* chains to the trust store, whatever its name */
	TLS_FINGERPRINT = 5, /* the certificate, or its key, is one of those given */
	TLS_VERIFY = 6,    /* as TLS_SECURE, but the name may be one that the DNS gave */
	TLS_DANE = 7,      /* matches the TLSA records; only if there are any */
	TLS_DANE_ONLY = 8, /* likewise, and there must be some */
	TLS_LEVELS,
};

/* Does a certificate that does not fit end the handshake? */
bool tls_level_verifies(enum tls_level level);
bool tls_level_is_dane(enum tls_level level);

enum tls_protocol { TLS_PROTOCOL_ANY, TLS_1_0, TLS_1_1, TLS_1_2, TLS_1_3 };

/* {0} is the level's own: TLS 1.2 from TLS_ENCRYPT on, any below. */
struct tls_rules {
	enum tls_protocol lowest, highest;
	uint8_t depth;   /* intermediate certificates at most; 0: no limit */
	bool exact;      /* a name with '*' in the certificate is none */
	bool needs_cert; /* without our own certificate there is no session */
};

enum tls_rule { TLS_RULE_EXACT = 1, TLS_RULE_NEEDS_CERT = 2 };

enum { TLS_LIST_MAX = 32 }; /* fingerprints, and other names */

/* How long a hex digest may be: SHA-1, SHA-224, SHA-256, SHA-512. */
bool tls_is_fingerprint(struct view hex);

#endif
