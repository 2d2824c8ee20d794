/* layout - where a queue keeps its files, and how this one is cut into subdirectories (queue 0 and
 * 1.1).  What depends on the on-disk format of the queue is here and in intake. */
#ifndef QUEUE_LAYOUT_H
#define QUEUE_LAYOUT_H

#include <stdbool.h>
#include <stdint.h>

#include "queue/name.h"

enum layout_dir {
	LAYOUT_MESS, /* split, as info, local and remote */
	LAYOUT_INFO,
	LAYOUT_LOCAL,
	LAYOUT_REMOTE,
	LAYOUT_INTD, /* split in a big-todo queue only, as todo */
	LAYOUT_TODO,
	LAYOUT_BOUNCE, /* never split */
};

struct layout {
	int fd; /* queue/ itself, good for openat() and its kin only */
	uint64_t split;
	bool big_todo;
	/* POSIX promises a name only when its directory is synced.  ext2/3/4, xfs and btrfs keep
	 * the name of mess/N with fsync of the file; elsewhere its directory needs one too. */
	bool sync_mess_dir;
};

enum { LAYOUT_SPLIT_MAX = 10007 };

/* Open the queue at `path` and find out how it is laid out.  0, or -1 with errno: EUCLEAN when
 * mess, info, local and remote are not split alike (files would be looked for where they are
 * not), or when nothing tells how mess is split; EACCES to whom may not look. */
int layout_open(struct layout *l, const char *path);
void layout_close(struct layout *l);

/* "mess" and so on. */
const char *layout_name(enum layout_dir dir);

/* The path of message `n` in a directory, relative to l->fd. */
void layout_path(
    const struct layout *l, enum layout_dir dir, uint64_t n, char out[NAME_MAX_OCTETS]);

/* The directory that holds it, to be synced after a change.  A descriptor, or -1 with errno. */
int layout_open_holder(const struct layout *l, enum layout_dir dir, uint64_t n);

/* How many subdirectories a directory is cut into; 1: it is not. */
uint64_t layout_parts(const struct layout *l, enum layout_dir dir);

/* Open the file of message `n` for reading, as root may do it in directories of others: a descriptor;
 * or -1 with errno, EINVAL for what is no plain file (a symbolic link is ELOOP). */
int layout_open_file(const struct layout *l, enum layout_dir dir, uint64_t n);

#endif
