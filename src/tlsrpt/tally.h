/* tally - the notes of a day (wire/tlsrpt.h), sorted and counted: equal ones stand together. */
#ifndef TLSRPT_TALLY_H
#define TLSRPT_TALLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/view.h"
#include "wire/tlsrpt.h"

/* {0} is empty. */
struct tally {
	struct view *
	    lines; /* what stands behind the time, in order; point into the bytes given */
	size_t count;
	size_t strange; /* lines that are none */
};

/* `bytes` must stay. */
void tally_make(struct tally *tally, struct view bytes);
void tally_free(struct tally *tally);

/* The next kind of session, and how many were of it: start with *at 0.  The views point into `room`.
 * False at the end. */
bool tally_next(const struct tally *tally, size_t *at, struct str *room,
    struct tlsrpt_session *session, uint64_t *sessions);

#endif
