/* txt - the texts of a name; the strings of one record are joined without a blank (RFC 7208 3.3). */
#ifndef DNS_TXT_H
#define DNS_TXT_H

#include <stddef.h>

#include "dns/resolver.h"
#include "lib/answer.h"
#include "lib/arena.h"
#include "lib/deadline.h"
#include "lib/view.h"

/* ANSWER_NO: no such name, or none there.  They are in the arena, and may hold any octet. */
enum answer txt_lookup(struct resolver *r, struct view name, struct deadline deadline,
    struct arena *mem, struct view **texts, size_t *count);

#endif
