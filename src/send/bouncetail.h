/* bouncetail - how a bounce/N ends.  A paragraph that was cut by a crash has not its empty line: its recipient
 * is not marked yet, because the paragraph is on disk before that, and is tried again.  So it must neither be
 * sent nor have others behind it. */
#ifndef SEND_BOUNCETAIL_H
#define SEND_BOUNCETAIL_H

#include <stdint.h>

#include "queue/layout.h"
#include "users/route.h"

/* The octets of the whole paragraphs at the start of the file; 0: it names nobody.  -1 with errno. */
int64_t bouncetail_whole(int fd);

/* Other suites mark the recipient without waiting for the disk.  If bounce/N ends in a cut paragraph, and its
 * recipient is none of those that are tried again, end it, so that the failure is told.  Before the first
 * attempt after a start.  0, or -1 with errno. */
int bouncetail_mend(
    const struct layout *layout, const struct routes *routes, uint64_t id);

#endif
