/* tlspolicy - the grammar of a line of control/tlspolicy (outbound 4.2), and its selection:
 *
 *   key:level[ attribute=value...]
 *
 * The key is a relay's name as in smtproutes, or a domain as in smtproutes' keys; the level is none,
 * may, encrypt or secure; the attributes are ca= (trust store), match= (the name to verify, or
 * ".suffix" that the server's name must have) and ciphers=. */
#ifndef CLIENT_TLSPOLICY_H
#define CLIENT_TLSPOLICY_H

#include <stdbool.h>
#include <stddef.h>

#include "config/control.h"
#include "lib/view.h"
#include "wire/tls.h"

struct tlspolicy {
	enum tls_level level;
	struct view ca, match, ciphers; /* empty when not given; point into the line */
};

/* Parse what stands behind the key.  False, *out untouched, for an unknown level or attribute. */
bool tlspolicy_parse(struct view value, struct tlspolicy *out);

/* The value of the line for a delivery to `host` through `relay` (empty for an MX): the relay's
 * name, else the host and its suffixes, else the empty key; of equal keys the last. */
bool tlspolicy_select(const struct control_list *list, struct view relay,
    struct view host, struct view *value, size_t *line);

/* "none", "may", "encrypt", "secure". */
const char *tlspolicy_level_name(enum tls_level level);

#endif
