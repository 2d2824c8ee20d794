/* mimefield - what a header field says of a part: Content-Type, Content-Transfer-Encoding,
 * Content-Disposition (RFC 2045, 2183). */
#ifndef CONTENT_MIMEFIELD_H
#define CONTENT_MIMEFIELD_H

#include "content/mime.h"

/* If `field`, unfolded, is one of the three, put what it says into *part, and the boundary of a
 * multipart into *boundary.  Words that are too long are cut. */
void mimefield_read(
    struct view field, struct mime_part *part, struct mime_word *boundary);

#endif
