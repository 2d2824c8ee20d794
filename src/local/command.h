/* command - a program line of a .qmail file (queue 4.11; qmail-command(8)). */
#ifndef LOCAL_COMMAND_H
#define LOCAL_COMMAND_H

#include "lib/env.h"
#include "lib/view.h"
#include "local/outcome.h"

/* Run `/bin/sh -c command` in the current directory with the message on `fd`, from its first octet,
 * as descriptor 0, and wait for it.  Exit 0 and 99 are OUTCOME_DONE and OUTCOME_LAST; 100, 64, 65,
 * 70, 76, 77, 78 and 112 are OUTCOME_PERMANENT; anything else is OUTCOME_TEMPORARY. */
void command_run(struct view command, int fd, struct env_list *env, struct outcome *o);

#endif
