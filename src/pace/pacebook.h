/* pacebook - the book about routes that everyone who sends by them keeps together, in qmail-state: what
 * went in each window, connections, who slows us down and until when it is closed.
 *
 * A book that cannot be asked is lost for the rest of a delivery, and then nothing waits (DESIGN 4). */
#ifndef PACE_PACEBOOK_H
#define PACE_PACEBOOK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/str.h"
#include "lib/view.h"
#include "pace/pacerules.h"
#include "wire/state.h"

struct pacebook {
	struct state state;
	bool is_open, is_lost;
};

/* {0} is valid.  Free also takes a lost book up again. */
void pacebook_free(struct pacebook *book);

/* Until when a route is closed, why, and how many of PACE_FULL parts of its rate are left. */
struct pace_standing {
	uint64_t now, closed_until; /* seconds since 1970; 0: it is open */
	char why[STATE_VALUE_MAX + 1];
	uint32_t parts;
};

/* False: the book is lost. */
bool pacebook_look(struct pacebook *book, struct view name, struct pace_standing *out);

enum pace_verdict {
	PACE_GO, /* counted, and the connection is held */
	PACE_WAIT,
	PACE_UNKNOWN, /* the book is lost */
};

/* Why not, and when. */
struct pace_refusal {
	size_t subject;
	uint64_t now, opens; /* seconds since 1970, of who is alone in line */
	struct str why;

	/* What the line is for, and how fast it gets shorter. */
	uint64_t begins;
	uint32_t limit, window;
};

/* May `amount` recipients go?  The connection of `holder` is one of the route's from now on, for a
 * while. */
enum pace_verdict pacebook_enter(struct pacebook *book, const struct pacerules *rules,
    uint32_t amount, uint64_t holder, struct pace_refusal *out);

/* Get in line: when it is our turn, in seconds since 1970. */
uint64_t pacebook_line_up(struct pacebook *book, const struct pacerules *rules,
    uint32_t amount, const struct pace_refusal *refusal);

/* What was counted was not used. */
void pacebook_give_back(
    struct pacebook *book, const struct pacerules *rules, uint32_t amount);
/* The connection is closed. */
void pacebook_leave(struct pacebook *book, struct view name, uint64_t holder);

/* Be one of at most `most` deliveries that wait without an end.  False: there are so many. */
bool pacebook_sit(struct pacebook *book, uint64_t holder, uint32_t most);
void pacebook_rise(struct pacebook *book, uint64_t holder);

/* The server wants less: half of it, and closed for a while that grows with `pause`; or closed for so
 * many seconds.  When it opens; 0: the book is lost. */
uint64_t pacebook_slow(
    struct pacebook *book, struct view name, uint32_t pause, struct view why);
uint64_t pacebook_close(
    struct pacebook *book, struct view name, uint32_t seconds, struct view why);

#endif
