#define _GNU_SOURCE
#include "queue/layout.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/answer.h"
#include "lib/fd.h"
#include "os/filesystem.h"

/* make CFLAGS=-DLAYOUT_SYNC_MESS_DIR=1 always syncs the directory of mess/N too, =0 never does;
 * the default decides by the file system. */
#ifndef LAYOUT_SYNC_MESS_DIR
#define LAYOUT_SYNC_MESS_DIR (os_names_follow_fsync(fd) ? 0 : 1)
#endif

enum { USUAL_SPLIT = 23 };

static const char *const names[] = {
	[LAYOUT_MESS] = "mess",
	[LAYOUT_INFO] = "info",
	[LAYOUT_LOCAL] = "local",
	[LAYOUT_REMOTE] = "remote",
	[LAYOUT_INTD] = "intd",
	[LAYOUT_TODO] = "todo",
	[LAYOUT_BOUNCE] = "bounce",
};

const char *
layout_name(enum layout_dir dir)
{
	return names[dir];
}

/* Whether DIR/k is a directory. */
static enum answer
has_part(int fd, enum layout_dir dir, uint64_t k)
{
	char path[NAME_MAX_OCTETS];
	struct stat st;

	name_flat(path, names[dir], k);
	if (fstatat(fd, path, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? ANSWER_NO : ANSWER_ERROR;
	return S_ISDIR(st.st_mode) ? ANSWER_YES : ANSWER_NO;
}

/* How many directories there are in DIR by its link count; 0 where the file system does not
 * count them (btrfs).  -1 with errno when there is no DIR. */
static int64_t
count_parts(int fd, enum layout_dir dir)
{
	struct stat st;

	if (fstatat(fd, names[dir], &st, 0) < 0)
		return -1;
	return st.st_nlink > 2 ? (int64_t)st.st_nlink - 2 : 0;
}

static enum answer
is_split_by(int fd, enum layout_dir dir, uint64_t split)
{
	enum answer last = has_part(fd, dir, split - 1), beyond;

	if (last != ANSWER_YES)
		return last;
	beyond = has_part(fd, dir, split);
	if (beyond == ANSWER_ERROR)
		return beyond;
	return beyond == ANSWER_NO ? ANSWER_YES : ANSWER_NO;
}

/* The split of mess; 0 when it cannot be told. */
static uint64_t
find_split(int fd)
{
	int64_t counted;
	uint64_t k;

	if (is_split_by(fd, LAYOUT_MESS, USUAL_SPLIT) == ANSWER_YES)
		return USUAL_SPLIT;
	counted = count_parts(fd, LAYOUT_MESS);
	if (counted > 0 && is_split_by(fd, LAYOUT_MESS, (uint64_t)counted) == ANSWER_YES)
		return (uint64_t)counted;
	for (k = 0; k <= LAYOUT_SPLIT_MAX; k++)
		if (has_part(fd, LAYOUT_MESS, k) != ANSWER_YES)
			return k;
	return 0;
}

/* qmail-queue may not look into info, local and remote: then their link counts must do, and one
 * directory more (lost+found) is no reason to refuse mail. */
static bool
agrees(int fd, enum layout_dir dir, uint64_t split)
{
	int64_t counted = count_parts(fd, dir);

	if (counted < 0)
		return false;
	if ((uint64_t)counted == split)
		return true;
	switch (is_split_by(fd, dir, split)) {
	case ANSWER_YES:
		return true;
	case ANSWER_NO:
		return false;
	default:
		return counted == 0 || (uint64_t)counted == split + 1;
	}
}

static int
recognize(struct layout *l, int fd)
{
	enum layout_dir dir;

	l->split = find_split(fd);
	if (l->split == 0 && has_part(fd, LAYOUT_MESS, 0) == ANSWER_ERROR)
		return -1;
	if (l->split == 0)
		return errno = EUCLEAN, -1;
	for (dir = LAYOUT_INFO; dir <= LAYOUT_REMOTE; dir++)
		if (!agrees(fd, dir, l->split))
			return errno = EUCLEAN, -1;
	l->big_todo = has_part(fd, LAYOUT_TODO, 0) == ANSWER_YES;
	l->sync_mess_dir = LAYOUT_SYNC_MESS_DIR;
	return 0;
}

int
layout_open(struct layout *l, const char *path)
{
	int fd = os_open_directory(path);

	if (fd < 0)
		return -1;
	if (recognize(l, fd) < 0) {
		fd_close(&fd);
		return -1;
	}
	l->fd = fd;
	return 0;
}

void
layout_close(struct layout *l)
{
	fd_close(&l->fd);
}

static bool
is_split(const struct layout *l, enum layout_dir dir)
{
	return dir <= LAYOUT_REMOTE || (l->big_todo && dir != LAYOUT_BOUNCE);
}

void
layout_path(
    const struct layout *l, enum layout_dir dir, uint64_t n, char out[NAME_MAX_OCTETS])
{
	if (is_split(l, dir))
		name_split(out, names[dir], n % l->split, n);
	else
		name_flat(out, names[dir], n);
}

int
layout_open_holder(const struct layout *l, enum layout_dir dir, uint64_t n)
{
	char path[NAME_MAX_OCTETS];

	if (is_split(l, dir))
		name_flat(path, names[dir], n % l->split);
	else
		memcpy(path, names[dir], strlen(names[dir]) + 1);
	return openat(l->fd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

uint64_t
layout_parts(const struct layout *l, enum layout_dir dir)
{
	return is_split(l, dir) ? l->split : 1;
}

int
layout_open_file(const struct layout *l, enum layout_dir dir, uint64_t n)
{
	char path[NAME_MAX_OCTETS];
	struct stat st;
	int fd;

	layout_path(l, dir, n, path);
	fd = openat(l->fd, path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return -1;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
		return fd;
	fd_close(&fd);
	return errno = EINVAL, -1;
}
