/* finding - what qmail-check has to say, a line each:
 *
 *   error: control/rcpthosts: missing: mail for any host is taken; list the domains ... in it
 *   warning: control/databytes:1: ...
 *
 * with a hint what to do behind the ';', or as an object of JSON.  No octet of a file gets out but printable
 * ASCII. */
#ifndef CHECK_FINDING_H
#define CHECK_FINDING_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/problem.h"
#include "lib/str.h"

enum finding_level {
	FINDING_NOTE,    /* worth to know */
	FINDING_WARNING, /* works, but perhaps not as it is meant */
	FINDING_ERROR,   /* mail is lost, refused or open to others */
};

struct findings {
	int fd;
	bool quiet; /* no notes */
	bool json;
	size_t counts[FINDING_ERROR + 1];
	struct str seen; /* each line so far, with a NUL behind it: each is said once */
};

/* `line` 0 is the whole file; `hint` may be NULL.  The text is made of `first` and what follows, up to a
 * NULL. */
void finding_add(struct findings *f, enum finding_level level, const char *file,
    size_t line, const char *hint, const char *first, ...);

/* A problem that some parser had; an EACCES is for the caller to judge. */
void finding_problem(struct findings *f, enum finding_level level,
    const struct problem *problem, const char *hint);

void findings_free(struct findings *f);

#endif
