/* programs - what a broker starts for anybody that it serves: the helpers and qmail-queue in the home's
 * bin/, and what control/brokerprograms names. */
#ifndef BROKER_PROGRAMS_H
#define BROKER_PROGRAMS_H

#include "config/control.h"
#include "lib/answer.h"
#include "lib/problem.h"
#include "wire/brokercommands.h"

void programs_add_helpers(struct broker_commands *list);

/* control/brokerprograms: a command a line.  ANSWER_ERROR with `problem`. */
enum answer programs_read(struct broker_commands *list, struct problem *problem);

/* control/smtpplugins, or what $SPPCONFFILE names: every plugin of every section. */
enum answer programs_read_plugins(struct broker_commands *list, struct problem *problem);

#endif
