/* domaindir - the files that a recipient may have in the directory of its domain: .qmail files of
 * aliases, and those of the lists of ezmlm and mailman. */
#ifndef USERS_DOMAINDIR_H
#define USERS_DOMAINDIR_H

#include <stdbool.h>

#include "lib/answer.h"
#include "lib/str.h"
#include "lib/view.h"
#include "users/dotfile.h"

enum { DOMAINDIR_START = 1023 }; /* octets of a file that are looked at */

/* One recipient in one directory. */
struct domaindir {
	struct view directory, user; /* absolute; in lower case */
	struct dotfile_search names; /* of the .qmail files */
	bool is_hidden,
	    has_failed; /* so far a file may be there, and could not be looked at:
	                              * not permitted, or a failure */
};

/* What a file starts with.  ANSWER_NO: there is none. */
enum answer domaindir_read(struct domaindir *d, struct view name, struct str *out);

/* Is `word` in what it starts with? */
enum answer domaindir_has_word(struct domaindir *d, struct view name, struct view word);

/* Is there a .qmail file for the user, other than .qmail-default? */
bool domaindir_has_alias(struct domaindir *d);

/* Is the user list-something, where ezmlm has a directory `list`, or .qmail-list has "mailman"? */
bool domaindir_has_list(struct domaindir *d);

#endif
