/* report - what qmail-remote tells qmail-rspawn (outbound 1.2, 1.3): built in memory and written
 * in one go as the last action, because the reader makes wrong ends of anything else (1.5). */
#ifndef CLIENT_REPORT_H
#define CLIENT_REPORT_H

#include "client/detail.h"
#include "lib/problem.h"
#include "lib/str.h"
#include "lib/view.h"
#include "smtp/remotereply.h"

enum report_letter {
	REPORT_ACCEPTED = 'r', /* of a recipient */
	REPORT_REJECTED = 'h',
	REPORT_DEFERRED = 's',
	REPORT_SUCCESS = 'K', /* of the message */
	REPORT_LATER = 'Z',
	REPORT_FAILURE = 'D',
};

/* {0} is valid and says nothing yet. */
struct report {
	struct str recipients;        /* finished reports */
	struct str message;           /* the one at the end; the last one set counts */
	const struct detail *detail;  /* NULL: none */
	size_t detail_at, detail_len; /* where its line is in `message` */
};

/* Append a recipient's report: "PEER does not like recipient." and the reply; empty for
 * REPORT_ACCEPTED. */
void report_recipient(struct report *r, enum report_letter letter, struct view peer,
    const struct remotereply *reply);
/* The same with a text of our own. */
void report_recipient_text(struct report *r, enum report_letter letter, const char *text);

/* Set the message's report.  Texts without their LF. */
void report_message(struct report *r, enum report_letter letter, const char *text);

/* Z "Unable to read control files", and on a line of its own which file, and where in it: nobody
 * else tells the admin, as qmail-remote has no log.  `problem` may be {0}: then nothing is known. */
void report_controls(struct report *r, const struct problem *problem);

/* Put together from parts: begin, add..., end. */
void report_begin(struct report *r, enum report_letter letter);
void report_add(struct report *r, const char *text);
void report_add_view(
    struct report *r, struct view text); /* without NULs, which would end it */
/* LF; and "Remote host said: " with the reply, unless `reply` is NULL or empty. */
void report_end(struct report *r, const struct remotereply *reply);

/* "BEFORE PEER AFTER", as in "Connected to 192.0.2.1 but greeting failed." */
void report_peer(struct report *r, enum report_letter letter, const char *before,
    struct view peer, const char *after, const struct remotereply *reply);

/* Put a line, with its LF, behind the first line of all that says "later". */
void report_remark(struct report *r, struct view line);

/* Append what report_write() would write if the recipient at `index` were the only one: its own report,
 * if it got that far, and the message's.  Of two detail lines only the first is there. */
void report_append_one(const struct report *r, size_t index, struct str *out);

/* Write all to `fd`, each report with its NUL; failure is of no interest (1.1). */
void report_write(const struct report *r, int fd);
void report_free(struct report *r);

#endif
