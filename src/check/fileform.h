/* fileform - the bytes of a control file, whatever it is for: what an editor or a copy from elsewhere
 * leaves in it, and what the reader of its kind will pass over or take for something else.  Pure. */
#ifndef CHECK_FILEFORM_H
#define CHECK_FILEFORM_H

#include "check/finding.h"
#include "config/controlfiles.h"
#include "lib/view.h"

/* Say what is odd in them; `row` may be NULL for a list that has none. */
void fileform_check(struct findings *f, const char *path, struct view bytes,
    const struct controlfile *row);

#endif
