/* checklist - how the files that a row of the table names are read. */
#ifndef POLICY_CHECKLIST_H
#define POLICY_CHECKLIST_H

#include "policy/check.h"
#include "policy/table.h"

/* Read the files.  ANSWER_YES: the check is to be asked; ANSWER_NO; or ANSWER_ERROR with
 * `problem`. */
enum answer checklist_read(const struct check_row *row, enum dialect dialect,
    struct check_list *list, struct problem *problem);

/* The same unless they were read, and compile patterns; those that are wrong are told to `log`,
 * which may be NULL.  ANSWER_YES, or ANSWER_ERROR with `problem`. */
enum answer checklist_ready(const struct check_row *row, enum dialect dialect,
    const struct log *log, struct check_list *list, struct problem *problem);

void checklist_free(struct check_list *list);

#endif
