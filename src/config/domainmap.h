/* domainmap - names looked up without regard to ASCII case, with the value behind a separator:
 * rcpthosts, locals, badmailfrom (no separator); virtualdomains (':').  Of several lines with one
 * name the last wins, as in qmail.
 *
 * Most processes ask a list once or twice, so it is not taken to pieces: its text is searched.  Who
 * asks more often gets an index.  A file that is not small is not even kept in memory until then,
 * but read each time it is asked: most of the price would be that of fresh memory. */
#ifndef CONFIG_DOMAINMAP_H
#define CONFIG_DOMAINMAP_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/answer.h"
#include "lib/problem.h"
#include "lib/view.h"

/* {0} is empty. */
struct domainmap {
	struct domainmap_source *source;
};

struct domainmap_hit {
	struct view value; /* what is behind the separator; empty without one */
	size_t line;       /* of the file */
};

/* Of `text`, the bytes of a control file, which must live as long.  With a separator, lines that
 * lack it are left out; 0 is none. */
void domainmap_of(struct domainmap *map, struct view text, char separator);

/* Of a file of names; answers as control_list() does.  What is in the file when the map is asked
 * counts: it is replaced as a whole, or the edit is seen at once. */
enum answer domainmap_open(
    struct domainmap *map, const char *path, struct problem *problem);
void domainmap_free(struct domainmap *map);

/* `hit` may be NULL. */
bool domainmap_find(
    const struct domainmap *map, struct view name, struct domainmap_hit *hit);

/* The same for several names, in little more time than for one: hits[i] is about names[i], and its
 * line is 0 if that is not there. */
void domainmap_find_all(const struct domainmap *map, const struct view *names,
    size_t count, struct domainmap_hit *hits);

/* Look up the whole of `domain`, then each part of it that starts with '.', left to right: "a.b.c"
 * tries "a.b.c", ".b.c", ".c" (inbound 3.3, outbound 2.2).  The empty name is not tried.  `hit` may
 * be NULL. */
bool domainmap_find_suffix(
    const struct domainmap *map, struct view domain, struct domainmap_hit *hit);

/* Was there an answer that is none, because the file could not be read?  Then *problem is set.  The
 * answers were "no"; who decides by one asks this afterwards. */
bool domainmap_failed(const struct domainmap *map, struct problem *problem);

#endif
