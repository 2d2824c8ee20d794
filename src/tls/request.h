/* request - the fields of a request to qmail-tls, checked and bounded. */
#ifndef TLS_REQUEST_H
#define TLS_REQUEST_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/deadline.h"
#include "lib/hash.h"
#include "lib/str.h"
#include "wire/frame.h"
#include "wire/tlslevel.h"

enum {
	REQUEST_NAME_MAX = 255,
	REQUEST_PATH_MAX = 1024,
	REQUEST_PASSWORD_MAX = 1024,
	REQUEST_CIPHERS_MAX = 8192,
};

struct request {
	struct str name; /* to verify, an address if is_ip */
	bool is_ip;
	bool names_only; /* the CN of the certificate is no name */
	enum tls_level level;
	bool has_sni;
	struct str sni;          /* instead of the name; may be empty: none */
	struct str also;         /* other names that do, with ',' between */
	struct str fingerprints; /* likewise */
	struct str
	    tlsa; /* at the levels of DANE, and never empty then: a list as in wire/tlsa.h */
	struct tls_rules rules;
	struct str trust, ciphers, certificate, key; /* empty: not given */
	struct str key_password;
	/* Of all fields that say what is wanted of the session: whoever asks for the same has the same. */
	unsigned char digest[SHA256_LEN];
	int64_t timeout_ms;       /* of a wait; negative: for ever */
	struct deadline deadline; /* for the answer; a little before the caller's */
};

/* Take the fields of `frame`; `out` is {0} or was used before.  False for a text that is too long
 * or holds a NUL, an unknown level, a name that is no name, DANE
 * without a name or records. */
bool request_parse(const struct frame *frame, struct request *out);
void request_free(struct request *r);

#endif
