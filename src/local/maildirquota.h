/* maildirquota - room in a Maildir, as Maildir++ keeps the account: the file maildirsize has the quota in its
 * first line ("10485760S,1000C", users/quota.h), and behind it lines "octets messages" whose sum is what is
 * there.  Each delivery adds a line; whoever finds the file too long, or the Maildir full by an old sum,
 * counts anew.  Messages in .Trash, or marked as trashed, do not count.
 *
 * A quota bounds what is there to some messages more or less; what keeps us from finding out lets a
 * message in. */
#ifndef LOCAL_MAILDIRQUOTA_H
#define LOCAL_MAILDIRQUOTA_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "lib/str.h"
#include "lib/view.h"
#include "users/quota.h"

enum {
	MAILDIRQUOTA_FILE_MAX = 5120, /* octets; a longer one is made anew */
	MAILDIRQUOTA_FRESH =
	    15 * 60, /* seconds for which a sum just counted is believed to be full */
};

struct maildirquota {
	int root;       /* the directory with maildirsize; -1: nothing is to be kept */
	bool is_folder; /* root is the parent, and ours to close */
	struct quota quota;
	struct str text; /* the quota as written */
	mode_t mode;     /* of maildirsize; a new one has it, less the umask */
};

/* Of Maildir `dir`, or, where that has a file maildirfolder and no maildirsize, of the one it is a folder in.  `given` is a
 * quota to use in place of the one in maildirsize; empty: there is none, and where there is no maildirsize
 * either, nothing is kept.  *why is a literal if there is one that cannot be used, else NULL. */
void maildirquota_open(
    struct maildirquota *q, int dir, struct view given, const char **why);

/* Is there room for `octets` more?  `unique` is a name that nobody else has, for a new maildirsize in
 * tmp/. */
bool maildirquota_has_room(
    struct maildirquota *q, uint64_t octets, int64_t now, const char *unique);

/* Such a message is there now. */
void maildirquota_add(const struct maildirquota *q, uint64_t octets);

void maildirquota_close(struct maildirquota *q);

/* The size of a message that has it in its name: ",S=" and digits before the flags. */
bool maildirquota_size_in_name(struct view name, uint64_t *octets);

/* Is it marked as trashed: ":2," and flags with T? */
bool maildirquota_is_trashed(struct view name);

#endif
