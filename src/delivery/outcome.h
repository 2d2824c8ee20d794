/* outcome - how an instruction of qmail-local ended: the exit code it asks for, and what to tell. */
#ifndef DELIVERY_OUTCOME_H
#define DELIVERY_OUTCOME_H

#include "lib/str.h"

enum outcome_kind {
	OUTCOME_DONE,
	OUTCOME_LAST,      /* done, and no line after this one (exit 99 of a program) */
	OUTCOME_PERMANENT, /* exit 100 */
	OUTCOME_TEMPORARY, /* exit 111 */
};

struct outcome {
	enum outcome_kind kind;
	struct str text; /* without a line end; empty: the report is a program's own */
};

/* Set the kind, and the text out of the parts up to a NULL. */
void outcome_set(struct outcome *o, enum outcome_kind kind, const char *first, ...);

/* OUTCOME_TEMPORARY: BEFORE WHAT ": " strerror(error) ". (" CODE ")". */
void outcome_errno(
    struct outcome *o, const char *before, const char *what, int error, const char *code);

void outcome_free(struct outcome *o);

#endif
