/* tlspolicy - the grammar of a line of control/tlspolicy and of control/routes/NAME/tls (outbound
 * 4.2), and the selection of a line:
 *
 *   key:level[ attribute=value...]
 *
 * The key is a relay's name as in smtproutes, or a domain as in smtproutes' keys.  The levels are
 * none, may, encrypt, chain, fingerprint, verify, secure, dane and dane-only.  The attributes:
 *
 *   ca=         trust store: a PEM file or hashed directory
 *   match=      names that do, with ',' between; ".suffix" is one that the server's name must have
 *   fp=         with fingerprint: digests of the certificate or its key, with ',' between
 *   protocols=  TLSv1.2, or a range: >=TLSv1.2, or both bounds: >=TLSv1.1,<=TLSv1.2
 *   ciphers=    in OpenSSL's words
 *   sni=        the server name to send; "-" for none */
#ifndef TLSPOLICY_TLSPOLICY_H
#define TLSPOLICY_TLSPOLICY_H

#include <stdbool.h>
#include <stddef.h>

#include "config/control.h"
#include "lib/str.h"
#include "lib/view.h"
#include "wire/tlslevel.h"

struct tlspolicy {
	enum tls_level level;
	/* Empty when not given; point into the line. */
	struct view ca, match, fingerprints, ciphers, sni;
	struct tls_rules rules;
};

/* Parse what stands behind the key.  False, *out untouched, for an unknown level or attribute, or a
 * value that is none. */
bool tlspolicy_parse(struct view value, struct tlspolicy *out);

/* Append a digest in hex, with or without colons, to a list with ',' between: in lower case, without
 * colons.  False if it is none.  And each of several that have ',' between; false, and some may be
 * appended, if one is none. */
bool tlspolicy_add_fingerprint(struct view text, struct str *list);
bool tlspolicy_add_fingerprints(struct view texts, struct str *list);

/* The value of the line for a delivery to `host` through `relay` (empty for an MX): the relay's
 * name, else the host and its suffixes, else the empty key; of equal keys the last.  `ascii`, which may
 * be empty, is the relay or else the host in A-labels, and does as well. */
bool tlspolicy_select(const struct control_list *list, struct view relay,
    struct view host, struct view ascii, struct view *value, size_t *line);

/* "none", "may", "encrypt" ... */
const char *tlspolicy_level_name(enum tls_level level);

#endif
