/* dotfiles - .qmail files, and what else is written in their lines: whoever writes them is told only by mail
 * that does not arrive. */
#ifndef CHECK_DOTFILES_H
#define CHECK_DOTFILES_H

#include "check/check.h"
#include "lib/view.h"

struct dotfile {
	const char *path;
	size_t line;           /* all of the text stands in this one; 0: it is the file */
	const char *directory; /* where paths are relative to; NULL: that differs */
	bool only_forwards;    /* the x bit is set */
};

/* Say what is odd in the lines of `text`. */
void dotfiles_check(struct check *c, const struct dotfile *file, struct view text);

#endif
