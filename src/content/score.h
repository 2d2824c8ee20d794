/* score - points of a spam filter, in thousandths: "12.5" is 12500. */
#ifndef CONTENT_SCORE_H
#define CONTENT_SCORE_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/str.h"
#include "lib/view.h"

enum { SCORE_POINT = 1000, SCORE_POINTS_MAX = 1000000 };

/* True if all of `text` is one. */
bool score_parse(struct view text, int64_t *out);

/* "12.5", "-0.25", "5.0" */
void score_format(struct str *out, int64_t score);

#endif
