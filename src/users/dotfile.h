/* dotfile - which .qmail file answers for an extension (queue 4.11): .qmail DASH EXT, then for each
 * '-' in EXT from the right .qmail DASH EXT-up-to-it default, last .qmail DASH default.  In the
 * names EXT is in lower case, with ':' for '.'. */
#ifndef USERS_DOTFILE_H
#define USERS_DOTFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "lib/answer.h"
#include "lib/str.h"
#include "lib/view.h"

/* The search, one name after the other.  Zero it, then set dash and ext. */
struct dotfile_search {
	struct view dash, ext;
	bool started;
	size_t at; /* how much of ext the current name holds */
};

/* The next name, replacing *name.  *is_default: it ends in "default", and the part of ext from
 * search->at on is what that stands for.  False when there are no more. */
bool dotfile_next(struct dotfile_search *search, struct str *name, bool *is_default);

/* .qmail DASH EXT and `suffix`. */
void dotfile_name(struct str *out, struct view dash, struct view ext, const char *suffix);

struct dotfile {
	int fd; /* to read; the caller closes it */
	mode_t mode;
	struct str name;
	bool is_default;
	size_t default_at; /* offset in ext of what "default" stands for */
};

/* Find and open, from the current directory.  ANSWER_NO: there is none; what cannot be opened for
 * good, or is no regular file, does not count.  ANSWER_ERROR with errno: a name is there or may be,
 * but could not be opened (EACCES, EPERM, or a failure that may pass); out->name is that name.  The
 * caller frees out->name in any case. */
enum answer dotfile_open(struct view dash, struct view ext, struct dotfile *out);

#endif
