/* sppfile - control/smtpplugins: which programs qmail-spp runs at which command (inbound 5.11). */
#ifndef POLICY_SPPFILE_H
#define POLICY_SPPFILE_H

#include <stdbool.h>
#include <stddef.h>

#include "config/control.h"

/* A section is known by the first letter of its name: "[rcpt]" and "[r" are the same. */
enum spp_section {
	SPP_CONNECTION, /* before the greeting */
	SPP_HELO,
	SPP_MAIL,
	SPP_RCPT,
	SPP_PASS, /* a recipient that every check has let pass */
	SPP_DATA,
	SPP_AUTH,
	SPP_SECTIONS,
};

/* Where one is in the file.  {0} is its beginning. */
struct sppfile_walk {
	size_t at;
	bool inside; /* the section that is walked through */
};

/* The next line of `section`: the path of a program, or ":command" for the shell.  NULL: there is no
 * other.  What stands before the first section, and in sections that nobody knows, is in none. */
const struct control_entry *sppfile_next(const struct control_list *lines,
    enum spp_section section, struct sppfile_walk *walk);

#endif
