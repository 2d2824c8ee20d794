/* certificate - until when a certificate is valid and whom it names, read from its file without a library:
 * the first of a PEM file (RFC 5280 4.1, RFC 7468).  Pure. */
#ifndef TRY_CERTIFICATE_H
#define TRY_CERTIFICATE_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/answer.h"
#include "lib/view.h"

/* Seconds since 1970 in *out.  False, *out untouched: there is none in it that can be read. */
bool certificate_end(struct view pem, int64_t *out);

/* Does it name this host: among its DNS names, where "*" may be the whole first label, or without any of them
 * as its common name (RFC 6125 6.4)?  ANSWER_ERROR: there is none in it that can be read. */
enum answer certificate_names(struct view pem, struct view host);

#endif
