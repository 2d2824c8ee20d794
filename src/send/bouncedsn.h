/* bouncedsn - the form of a bounce that programs read: multipart/report (RFC 3462) with a
 * delivery-status part (RFC 3464) behind the words of QSBMF.  Pure. */
#ifndef SEND_BOUNCEDSN_H
#define SEND_BOUNCEDSN_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/str.h"
#include "lib/view.h"

/* Append the fields of the header, and the head of the part with the words.  `boundary` must be in no
 * message. */
void bouncedsn_header(struct str *out, struct view boundary);
void bouncedsn_words(struct str *out, struct view boundary);

/* Append the head of the part for programs, with the fields of the message. */
void bouncedsn_status(
    struct str *out, struct view boundary, struct view reporter, int64_t birth);

/* Append the fields of a recipient, from its paragraph in bounce/N (bouncetext_recipient()).  Nothing for
 * what is none. */
void bouncedsn_recipient(struct str *out, struct view paragraph);

/* Append the head of the part with the message, or with its header only; and the end of it all. */
void bouncedsn_message(struct str *out, struct view boundary, bool header_only);
void bouncedsn_end(struct str *out, struct view boundary);

#endif
