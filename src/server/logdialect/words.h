/* words - what the dialects put their lines together with: a text of ours, and a value behind it. */
#ifndef SERVER_LOGDIALECT_WORDS_H
#define SERVER_LOGDIALECT_WORDS_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/str.h"
#include "server/logevent.h"

enum { WORDS_VALUE_MAX = 256 }; /* octets of a value; the rest is cut */

/* sagredo's rule, for all: every byte that is a blank, a control byte or no ASCII is '_'.  So
 * nothing of a client's can end a line, or look like a text of ours with blanks in it. */
void words_add(struct str *out, const char *text, struct view value);
void words_add_text(struct str *out, const char *text, const char *value);
void words_add_u64(struct str *out, const char *text, uint64_t value);

/* "qmail-smtpd[PID]: " */
void words_title(struct str *out, const struct logevent *e);

/* A mechanism as sagredo and s/qmail write it: "plain". */
void words_add_lower(struct str *out, const char *text, struct view value);

/* Was the event refused by this check? */
bool words_is_check(const struct logevent *e, const char *name);

/* Was it refused by one that finds out whether the recipient exists? */
bool words_is_about_existence(const struct logevent *e);

#endif
