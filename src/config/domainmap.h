/* domainmap - names looked up without regard to ASCII case, with the value behind a separator:
 * rcpthosts, locals, badmailfrom (no separator); virtualdomains, smtproutes (':').  Of several
 * lines with one name the last wins, as in qmail. */
#ifndef CONFIG_DOMAINMAP_H
#define CONFIG_DOMAINMAP_H

#include <stdbool.h>
#include <stddef.h>

#include "config/control.h"
#include "lib/view.h"

/* {0} is empty.  Views point into the list it was made from, which must live as long. */
struct domainmap {
	struct domainmap_slot *slots;
	size_t size; /* a power of two, or 0 */
};

struct domainmap_hit {
	struct view value; /* what is behind the separator; empty without one */
	size_t line;       /* of the file */
};

/* With a separator, lines that lack it are left out; 0 is none. */
void domainmap_make(
    struct domainmap *map, const struct control_list *list, char separator);
void domainmap_free(struct domainmap *map);

/* `hit` may be NULL. */
bool domainmap_find(
    const struct domainmap *map, struct view name, struct domainmap_hit *hit);

/* Look up the whole of `domain`, then each part of it that starts with '.', left to right: "a.b.c"
 * tries "a.b.c", ".b.c", ".c" (inbound 3.3, outbound 2.2).  The empty name is not tried. */
bool domainmap_find_suffix(
    const struct domainmap *map, struct view domain, struct domainmap_hit *hit);

#endif
