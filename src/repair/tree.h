/* tree - what is in the directories of a queue, wherever it is in them. */
#ifndef REPAIR_TREE_H
#define REPAIR_TREE_H

#include <sys/stat.h>

#include "repair/repair.h"

#define TREE_FLAT UINT64_MAX /* not in a subdirectory */

struct tree_file {
	enum layout_dir dir;
	uint64_t part, number;
	int holder; /* the directory that it is in; the caller's */
	struct stat st;
	char path[NAME_MAX_OCTETS]; /* below queue/ */
	const char *name;           /* the end of `path` */
};

/* Open a directory below queue/ to read it: not by way of a symbolic link, unless that is root's or ours.
 * A descriptor, or -1 with errno. */
int tree_open(const struct repair *r, const char *path);

/* Call `each` for every file of a number there, in subdirectories or not.  What is something else is
 * reported, but for names with a dot and lost+found, which nobody looks at: once, if `report`. */
typedef void tree_each_file(
    struct repair *r, const struct tree_file *file, void *context);
void tree_each(struct repair *r, enum layout_dir dir, bool report, tree_each_file *each,
    void *context);

/* The subdirectories that have a number, likewise. */
typedef void tree_each_part(struct repair *r, uint64_t part, void *context);
void tree_each_subdirectory(
    struct repair *r, enum layout_dir dir, tree_each_part *each, void *context);

/* Look at the file of message `n` where it is to be.  0, or -1 with errno. */
int tree_stat(struct repair *r, enum layout_dir dir, uint64_t n, struct stat *st);
bool tree_has(struct repair *r, enum layout_dir dir, uint64_t n);

/* Remove it, as the user whose directory that is.  0, also if it is not there; or -1 with errno. */
int tree_remove(struct repair *r, enum layout_dir dir, uint64_t n);

#endif
