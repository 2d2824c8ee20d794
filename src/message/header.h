/* header - the fields of a message header, and what qmail-inject does with each (queue 3.3). */
#ifndef MESSAGE_HEADER_H
#define MESSAGE_HEADER_H

#include <stdbool.h>

#include "lib/view.h"

enum header_use {
	HEADER_USE_KEEP,       /* as it is */
	HEADER_USE_ADDRESSES,  /* rewritten */
	HEADER_USE_RECIPIENTS, /* rewritten, and its addresses are recipients */
	HEADER_USE_RESENT,     /* rewritten, and recipients of a message that is resent */
	HEADER_USE_SENDER,     /* Return-Path */
};

/* name, use, removed from what is sent, marks a resent message */
#define HEADER_FIELDS(X)                                                   \
	X(TO, "To", RECIPIENTS, false, false)                              \
	X(CC, "Cc", RECIPIENTS, false, false)                              \
	X(APPARENTLY_TO, "Apparently-To", RECIPIENTS, false, false)        \
	X(BCC, "Bcc", RECIPIENTS, true, false)                             \
	X(RESENT_TO, "Resent-To", RESENT, false, true)                     \
	X(RESENT_CC, "Resent-Cc", RESENT, false, true)                     \
	X(RESENT_BCC, "Resent-Bcc", RESENT, true, true)                    \
	X(RETURN_PATH, "Return-Path", SENDER, true, false)                 \
	X(SENDER, "Sender", ADDRESSES, false, false)                       \
	X(FROM, "From", ADDRESSES, false, false)                           \
	X(REPLY_TO, "Reply-To", ADDRESSES, false, false)                   \
	X(RETURN_RECEIPT_TO, "Return-Receipt-To", ADDRESSES, false, false) \
	X(ERRORS_TO, "Errors-To", ADDRESSES, false, false)                 \
	X(RESENT_SENDER, "Resent-Sender", ADDRESSES, false, true)          \
	X(RESENT_FROM, "Resent-From", ADDRESSES, false, true)              \
	X(RESENT_REPLY_TO, "Resent-Reply-To", ADDRESSES, false, true)      \
	X(CONTENT_LENGTH, "Content-Length", KEEP, true, false)             \
	X(DATE, "Date", KEEP, false, false)                                \
	X(MESSAGE_ID, "Message-ID", KEEP, false, false)                    \
	X(RESENT_DATE, "Resent-Date", KEEP, false, true)                   \
	X(RESENT_MESSAGE_ID, "Resent-Message-ID", KEEP, false, true)       \
	X(MAIL_FOLLOWUP_TO, "Mail-Followup-To", KEEP, false, false)        \
	X(SUBJECT, "Subject", KEEP, false, false)                          \
	X(NOTICE_REQUESTED, "Notice-Requested-Upon-Delivery-To", KEEP, false, false)

#define HEADER_ENUM(id, name, use, removed, resent) HEADER_##id,
enum header_field { HEADER_FIELDS(HEADER_ENUM) HEADER_OTHER, HEADER_COUNT };
#undef HEADER_ENUM

/* Is the line "name:", with graphic bytes in the name and perhaps blanks behind it? */
bool header_line_is_field(struct view line);

/* Which field the line is; names compare without case. */
enum header_field header_field_of(struct view line);

/* What is behind the colon and the white space that follows it, up to the end of the last line. */
struct view header_value(struct view field);

enum header_use header_use_of(enum header_field field);
bool header_is_removed(enum header_field field);
bool header_means_resent(enum header_field field);

#endif
