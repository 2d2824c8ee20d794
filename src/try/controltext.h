/* controltext - what a control file says, for people: the report of qmail-showctl(8).  Never a
 * secret. */
#ifndef TRY_CONTROLTEXT_H
#define TRY_CONTROLTEXT_H

#include <stdbool.h>

#include "config/controlfiles.h"
#include "config/dialect.h"
#include "lib/answer.h"
#include "lib/problem.h"
#include "lib/str.h"

struct controltext {
	struct str *out;
	struct str me; /* the line of control/me */
	bool has_me;
	enum dialect dialect;
	bool show_absent; /* ours, too, where they are not there */
};

/* Append a line end, the name, and the sentences; nothing for a file of ours that is not there.
 * The answer says whether the file is; ANSWER_ERROR, with `problem`: it could not be read. */
enum answer controltext_append(
    const struct controltext *t, const struct controlfile *file, struct problem *problem);

/* Append a line of the file without the credential that is in it. */
void controltext_append_hidden(struct str *out, const char *name, struct view line);

#endif
