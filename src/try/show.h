/* show - the lines that qmail-try prints:
 *
 *   name:          value                            (control/file:3)
 *
 * with the place that says so behind it, if one does.  In a value every byte outside 0x20..0x7e, and
 * the backslash, is \xHH, and never do two blanks follow each other: what follows two is the place. */
#ifndef TRY_SHOW_H
#define TRY_SHOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/problem.h"
#include "lib/str.h"
#include "lib/view.h"

struct show {
	int fd;
	struct str hidden; /* each with a NUL behind it */
	bool is_blind;     /* more is to be hidden than fits: nothing remote is shown */
	struct str warned; /* each warning so far, with a NUL behind it */
};

void show_init(struct show *s, int fd);
void show_free(struct show *s); /* wipes */

/* Never show it, whoever says it. */
void show_hide(struct show *s, struct view secret);

/* `place` may be NULL or empty. */
void show_line(struct show *s, const char *name, struct view value, const char *place);
void show_text(struct show *s, const char *name, const char *value, const char *place);

/* Text that others had a hand in, perhaps several lines: each is a line of that name.  What is to be
 * hidden is "[hidden]". */
void show_remote(struct show *s, const char *name, struct view text);

/* "warning: PLACE: TEXT", or without the place; each only once. */
void show_warning(struct show *s, const char *place, struct view text);
void show_problem(struct show *s, const struct problem *problem); /* as a warning */

/* Append "NAME:PORT", with a name that has colons in brackets. */
void show_append_server(struct str *out, struct view name, uint16_t port);

#endif
