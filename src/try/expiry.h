/* expiry - warnings of what has come to its end, or is about to. */
#ifndef TRY_EXPIRY_H
#define TRY_EXPIRY_H

#include <stdint.h>

#include "lib/str.h"
#include "try/show.h"

enum { EXPIRY_DAYS = 14 /* ahead that a certificate is warned of */ };

/* Append "2026-12-28T12:00:00Z (30 days)", or "(over)". */
void expiry_append(struct str *out, int64_t end, int64_t now);

/* Warn of the certificate that `what` names if it ends within EXPIRY_DAYS. */
void expiry_check(struct show *show, const char *what, int64_t end, int64_t now);

/* The same of our own certificate in a file. */
void expiry_check_file(struct show *show, const char *path, int64_t now);

#endif
