/* controlfiles - every control file of the suite: its name, its form, what it is without the file, who
 * reads it, whether it is secret.  For what looks at all of them: qmail-showctl, qmail-check, and
 * tests/lint/controls, which holds the examples and the manual against it. */
#ifndef CONFIG_CONTROLFILES_H
#define CONFIG_CONTROLFILES_H

#include <stdbool.h>
#include <stddef.h>

#include "config/dialect.h"

enum controlfile_kind {
	CONTROLFILE_LINE,      /* control_line() */
	CONTROLFILE_NUMBER,    /* control_number() */
	CONTROLFILE_LIST,      /* control_list() */
	CONTROLFILE_CDB,       /* compiled */
	CONTROLFILE_PEM,       /* certificates or keys: a file or a directory */
	CONTROLFILE_DIRECTORY, /* a file or directory for each thing in it */
};

enum controlfile_secret {
	CONTROLFILE_OPEN,
	CONTROLFILE_CREDENTIALS, /* lines may hold some */
	CONTROLFILE_SECRET,      /* all of it is */
};

struct controlfile {
	const char *name; /* without "control/" */
	enum controlfile_kind kind;
	const char *readers; /* the programs, with blanks between; NULL: all */
	/* What it is without the file, as control-examples/README has it; "me" is the line of
	 * control/me. */
	const char *preset;
	/* A sentence, with the value or an entry between them. */
	const char *before, *after;
	/* Instead: of a list the sentence without the file, of a line the value; or NULL. */
	const char *absent;
	enum controlfile_secret secret;
	bool is_stock;       /* stock qmail has it, too; these are first in the table */
	unsigned dialects;   /* where it is read, 1u << DIALECT_... each; 0: in all */
	const char *made_of; /* of a cdb: the file it is compiled from; NULL if none is */
};

size_t controlfiles_count(void);
const struct controlfile *controlfiles_at(size_t i);

/* The row of that name, or NULL. */
const struct controlfile *controlfiles_find(const char *name);

#endif
