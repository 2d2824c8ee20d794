/* nameline - the lines of a list that begin with a name: "name", or "name:value".  Case of ASCII
 * letters does not matter.  Lines are what control_list() makes entries of. */
#ifndef CONFIG_NAMELINE_H
#define CONFIG_NAMELINE_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/view.h"

/* The name in `line`, which has no LF, and what is behind the separator; without a separator (0)
 * the whole entry is the name, and *value is empty.  False if the line has none; then nothing is
 * touched. */
bool nameline_parse(
    struct view line, char separator, struct view *name, struct view *value);

/* The last line of `text` that has this name: its offset, or text.len if there is none.  `text` is
 * whole lines; the LF of the last may be missing.  Reads all of it, at some bytes in a nanosecond:
 * for a list that is asked a few times only, that costs less than an index. */
size_t nameline_find_last(struct view text, struct view name, char separator);

/* How many LF there are in `text`. */
size_t nameline_count(struct view text);

/* The line that starts at `offset`, without its LF. */
struct view nameline_at(struct view text, size_t offset);

#endif
