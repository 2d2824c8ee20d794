/* record - what the store keeps under a key, how it is written, and what time does to it.  Pure:
 * `now` is a parameter, nothing is read or written.
 *
 * As bytes: first (8), last (8), until (8), count (4), previous (4), value.  A change of this is
 * another format: RECORD_FORMAT. */
#ifndef STATE_RECORD_H
#define STATE_RECORD_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/str.h"
#include "lib/view.h"
#include "wire/stateop.h"

enum {
	RECORD_FORMAT = 1,
	RECORD_FIXED = 32,  /* octets in front of the value */
	RECORD_HOLDER = 16, /* octets of one holder in a value: who (8), until (8) */
	RECORD_VALUE_MAX = STATE_HOLDERS_MAX * RECORD_HOLDER,
};

/* {0} is one that was never there. */
struct record {
	uint64_t first, last, until; /* seconds since 1970 */
	uint32_t count, previous;    /* previous: of the window before, when it slides */
	struct view value;           /* not owned */
};

/* Append it to `out`. */
void record_pack(struct str *out, const struct record *record);
/* False, *out untouched, if these are not the bytes of a record.  The value stays where it is. */
bool record_parse(struct view bytes, struct record *out);

/* Neither forgotten by now, nor from the future (the clock was set back, by more than an hour). */
bool record_is_live(const struct record *record, uint64_t now);

/* Seconds from then to now; 0 if the clock went back. */
uint64_t record_age(uint64_t then, uint64_t now);

/* Move a counter's window to where it is now: what is over is gone from it.  False if nothing is
 * left, and the record is {0} then. */
bool record_roll(struct record *record, uint32_t window, bool sliding, uint64_t now);
/* What is in the window after record_roll(). */
uint32_t record_in_window(
    const struct record *record, uint32_t window, bool sliding, uint64_t now);

/* The holders who hold now, without `except`, appended to `out` as in a value.  How many;
 * *excepted says whether that one was among them. */
uint32_t record_holders(const struct record *record, uint64_t now, uint64_t except,
    bool *excepted, struct str *out);
/* Append one more, until then. */
void record_add_holder(struct str *value, uint64_t holder, uint64_t until);
/* When the last of a value's holders ends. */
uint64_t record_holders_until(struct view value);

#endif
