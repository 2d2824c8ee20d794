/* outcome - how an instruction of qmail-local ended: the exit code it asks for, and what to tell. */
#ifndef LOCAL_OUTCOME_H
#define LOCAL_OUTCOME_H

#include "lib/problem.h"
#include "lib/str.h"

enum outcome_kind {
	OUTCOME_DONE,
	OUTCOME_LAST,      /* done, and no line after this one (exit 99 of a program) */
	OUTCOME_PERMANENT, /* exit 100 */
	OUTCOME_TEMPORARY, /* exit 111 */
};

/* What a program of .qmail, and qmail-local, ends with. */
enum {
	OUTCOME_EXIT_DONE = 0,
	OUTCOME_EXIT_LAST = 99,
	OUTCOME_EXIT_PERMANENT = 100,
	OUTCOME_EXIT_TEMPORARY = 111,
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

/* OUTCOME_TEMPORARY: BEFORE, the file and what is wrong with it, and END. */
void outcome_problem(struct outcome *o, const char *before, const struct problem *problem,
    const char *end);

int outcome_exit(enum outcome_kind kind);

void outcome_free(struct outcome *o);

#endif
