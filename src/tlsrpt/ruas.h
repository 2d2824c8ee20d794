/* ruas - the TXT record _smtp._tls.DOMAIN (RFC 8460 3): where reports of it are to go. */
#ifndef TLSRPT_RUAS_H
#define TLSRPT_RUAS_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/view.h"

enum { RUAS_MAX = 10 };

enum rua_kind { RUA_MAIL, RUA_HTTPS };

struct rua {
	enum rua_kind kind;
	struct view target; /* the address, or the whole URI; points into the record */
};

/* `texts` are what was found there, any octets.  How many places the one record that begins
 * "v=TLSRPTv1;" names, at most RUAS_MAX; none if there are several such records.  An address is
 * printable, with one '@' and no blank; a URI has a host and nothing else before its path. */
size_t ruas_find(const struct view *texts, size_t count, struct rua out[RUAS_MAX]);

/* The host of an https URI. */
struct view rua_host(const struct rua *rua);

#endif
