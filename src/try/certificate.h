/* certificate - until when a certificate is valid, read from its file without a library: the first of a
 * PEM file, as far as the field validity (RFC 5280 4.1, RFC 7468).  Pure. */
#ifndef TRY_CERTIFICATE_H
#define TRY_CERTIFICATE_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/view.h"

/* Seconds since 1970 in *out.  False, *out untouched: there is none in it that can be read. */
bool certificate_end(struct view pem, int64_t *out);

#endif
