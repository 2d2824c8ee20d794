/* program - run a program that decides about a recipient: RCPTCHECK, control/recipients. */
#ifndef POLICY_PROGRAM_H
#define POLICY_PROGRAM_H

#include "lib/env.h"
#include "lib/str.h"
#include "lib/view.h"

enum program_end {
	PROGRAM_EXITED,     /* with *code */
	PROGRAM_NO_FORK,    /* there are too many processes */
	PROGRAM_NO_PROGRAM, /* it cannot be executed */
	PROGRAM_CRASHED,    /* or took more than PROGRAM_SECONDS, and was killed */
};

enum { PROGRAM_SECONDS = 60, PROGRAM_TEXT_MAX = 1000 };

/* Run argv[0], a path, to its end, with descriptor 0 /dev/null and 1 our log.  On 3 it can read
 * `input`; what it writes to 4 is appended to *text (NULL: there is no 4).  Both are less than a
 * pipe holds. */
enum program_end program_run(char *const *argv, struct env_list *environment,
    struct view input, struct str *text, int *code);

#endif
