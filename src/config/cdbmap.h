/* cdbmap - one cdb file, read by seeking in it: a process asks a few keys, and a mapping would cost
 * it more than the reads.  A damaged file is never followed past its end. */
#ifndef CONFIG_CDBMAP_H
#define CONFIG_CDBMAP_H

#include "lib/answer.h"
#include "lib/problem.h"
#include "lib/str.h"
#include "lib/view.h"

struct cdbmap; /* opaque: holds a descriptor */

/* Open `path`; *out is NULL unless ANSWER_YES.  ANSWER_NO: no such file.  ANSWER_ERROR, with
 * `problem`: unreadable, or no cdb. */
enum answer cdbmap_open(const char *path, struct cdbmap **out, struct problem *problem);
void cdbmap_close(struct cdbmap *map); /* NULL is allowed */

/* The data of the first record with this key, replacing *data (which may be NULL). */
enum answer cdbmap_find(
    struct cdbmap *map, struct view key, struct str *data, struct problem *problem);

/* Each record in turn, those too that an earlier one with the same key hides.  ANSWER_YES: these
 * were all. */
typedef void cdbmap_taker(void *context, struct view key, struct view data);
enum answer cdbmap_each(
    struct cdbmap *map, cdbmap_taker *take, void *context, struct problem *problem);

/* The data of the record that was written first, replacing *data.  ANSWER_NO: there is none. */
enum answer cdbmap_first(struct cdbmap *map, struct str *data, struct problem *problem);

#endif
