/* send - a report on its way: by mail through qmail-inject, or posted. */
#ifndef TLSRPT_SEND_H
#define TLSRPT_SEND_H

#include <stdbool.h>

#include "dns/resolver.h"
#include "tlsrpt/report.h"
#include "tlsrpt/ruas.h"

/* Where the reports of a domain go, by its record.  ANSWER_NO: it wants none.  The views are in the
 * arena. */
enum answer send_find(struct resolver *r, struct view domain, struct arena *mem,
    struct rua out[RUAS_MAX], size_t *count);

/* NULL: done; else why not, a literal. */
const char *send_mail(struct view message, struct view recipient);
/* `cafile` are certificates to trust in place of the system's, `proxy` an HTTP proxy; or NULL. */
const char *send_post(struct resolver *r, const struct rua *rua, const struct str *gzip,
    const char *cafile, const char *proxy);

#endif
