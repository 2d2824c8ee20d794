/* tlsa - the TLSA records of a server's port, if they may be believed (RFC 6698 3, RFC 7672 2.1, 2.2;
 * outbound 4.5). */
#ifndef DNS_TLSA_H
#define DNS_TLSA_H

#include <stddef.h>
#include <stdint.h>

#include "dns/resolver.h"
#include "lib/answer.h"
#include "lib/arena.h"
#include "lib/deadline.h"
#include "lib/view.h"

/* The records of _PORT._tcp.HOST; wire/tlsa.h says what is in one.  ANSWER_NO: there are none, or the
 * answer did not come with AD, so that anybody may have written it.  ANSWER_ERROR, a bogus answer
 * among its reasons, must not be taken for that.  They are in the arena. */
enum answer dns_tlsa_lookup(struct resolver *r, struct view host, uint16_t port,
    struct deadline deadline, struct arena *mem, struct view **records, size_t *count);

#endif
