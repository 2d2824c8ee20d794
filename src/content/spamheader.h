/* spamheader - what a spam filter's verdict does to a message's header: fields X-Spam-*, and a mark in
 * its subject. */
#ifndef CONTENT_SPAMHEADER_H
#define CONTENT_SPAMHEADER_H

#include "content/spamd.h"
#include "lib/str.h"
#include "lib/view.h"

/* Put in front of the names of fields that came with the message. */
#define SPAMHEADER_RENAMED "Old-"

/* Append the fields X-Spam-Flag (of spam only), X-Spam-Level and X-Spam-Status. */
void spamheader_format(struct str *out, const struct spamd_verdict *v);

/* Append `message` (LF line ends, header first), its fields X-Spam-* renamed and, unless `mark` is
 * empty, `mark` and a blank in front of its subject; a message without one gets one.  Control octets of
 * `mark` are left out. */
void spamheader_rewrite(struct str *out, struct view message, struct view mark);

#endif
