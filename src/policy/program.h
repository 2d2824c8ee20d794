/* program - run a program that decides about a command: RCPTCHECK, one of control/recipients, a plugin
 * of qmail-spp. */
#ifndef POLICY_PROGRAM_H
#define POLICY_PROGRAM_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/env.h"
#include "lib/str.h"
#include "lib/view.h"

enum program_end {
	PROGRAM_EXITED,     /* with *code */
	PROGRAM_NO_PIPE,    /* there are too many descriptors */
	PROGRAM_NO_FORK,    /* there are too many processes */
	PROGRAM_NO_PROGRAM, /* it cannot be executed */
	PROGRAM_CRASHED,
	PROGRAM_LATE,  /* it took more than its time, and was killed */
	PROGRAM_FLOOD, /* it said more than PROGRAM_TEXT_MAX, and was killed */
	PROGRAM_LOST,  /* it cannot be waited for */
};

enum { PROGRAM_TEXT_MAX = 65536 };

struct program {
	char *const *argv; /* argv[0] is a path */
	struct env_list *environment;
	uint64_t seconds;  /* it may take */
	struct view input; /* what it can read on descriptor 3: less than a pipe holds */
	bool has_input;    /* else there is no 3 */
	int text_fd;       /* the descriptor to which it writes its text; 0: none */
	bool is_deaf;      /* its descriptor 0 is closed, else /dev/null */
};

/* Run it to its end.  Descriptor 1 is our log, unless it is text_fd.  What it writes there is appended to
 * *text, which may be NULL without one.  What it leaves running may keep the pipe: nobody is waited
 * for but the program. */
enum program_end program_run(const struct program *p, struct str *text, int *code);

#endif
