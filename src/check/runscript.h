/* runscript - a run script of supervise, or a unit of systemd, as far as it can be told without a shell:
 * words, assignments, options.  Pure. */
#ifndef CHECK_RUNSCRIPT_H
#define CHECK_RUNSCRIPT_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/str.h"
#include "lib/view.h"

enum { RUNSCRIPT_WORDS = 256, RUNSCRIPT_MAX = 65536 };

/* The words of the text, in one row: blanks and line ends between them, quotes taken off, a '#' at the
 * start of a word a comment, "\" before a line end nothing; `$(...)` is one word.  A ';', '&' or '|' ends a
 * word and is lost, but for "2>&1". */
struct runscript {
	struct str bytes; /* each with a NUL behind it */
	char *words[RUNSCRIPT_WORDS];
	size_t lines[RUNSCRIPT_WORDS]; /* of the text */
	size_t count;
};

void runscript_parse(struct runscript *s, struct view text);
void runscript_free(struct runscript *s);

/* Where the program `name`, with or without a path, is a word of its own; s->count if nowhere. */
size_t runscript_find(const struct runscript *s, const char *name);

/* The word behind the option, or stuck to it ("-m25000000"), after word `from`; NULL: there is none. */
const char *runscript_option(
    const struct runscript *s, size_t from, const char *option, size_t *where);

/* Is the word "NAME=value", of letters, digits and '_'? */
bool runscript_is_assignment(const char *word);

#endif
