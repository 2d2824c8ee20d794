/* score - points of a spam filter, in thousandths: "12.5" is 12500. */
#ifndef CONTENT_SCORE_H
#define CONTENT_SCORE_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/str.h"
#include "lib/view.h"

enum { SCORE_POINT = 1000, SCORE_POINTS_MAX = 1000000 };

/* Read the number that *v starts with, such as "-0.25", and go past it; more than three decimals are
 * dropped, and what is beyond SCORE_POINTS_MAX is that.  False, with both untouched, if there is none. */
bool score_read(struct view *v, int64_t *out);

/* True if all of `text` is one. */
bool score_parse(struct view text, int64_t *out);

/* "12.5", "-0.25", "5.0" */
void score_format(struct str *out, int64_t score);

#endif
