#include "config/namefile.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config/control.h"
#include "config/nameline.h"
#include "config/present.h"
#include "lib/fd.h"

/* As much of the file as fits in the window, from `offset` on: how much that is, or -1. */
static ssize_t
fill(int fd, size_t offset, char window[NAMEFILE_WINDOW])
{
	size_t have = 0;
	ssize_t got;

	do {
		got = pread(
		    fd, window + have, NAMEFILE_WINDOW - have, (off_t)(offset + have));
		if (got > 0)
			have += (size_t)got;
	} while (got > 0 ? have < NAMEFILE_WINDOW : got < 0 && errno == EINTR);
	return got < 0 ? -1 : (ssize_t)have;
}

/* All of a small file; no larger buffer than it needs, for touching memory costs more than reading. */
static enum answer
read_small(int fd, size_t size, struct str *bytes)
{
	ssize_t got;

	str_reserve(bytes, size + 1);
	do {
		got = fd_read(fd, bytes->at + bytes->len, size + 1 - bytes->len);
		if (got < 0)
			return ANSWER_ERROR;
		bytes->len += (size_t)got;
		bytes->at[bytes->len] = '\0';
	} while (got > 0 && bytes->len <= size);
	/* It has grown meanwhile. */
	if (got > 0 && fd_read_all(fd, bytes, CONTROL_MAX) < 0)
		return ANSWER_ERROR;
	return ANSWER_NO;
}

/* ANSWER_YES: it can be read, but better stays where it is.  ANSWER_NO: *bytes has all of it. */
static enum answer
is_to_be_left(int fd, struct str *bytes)
{
	struct stat st;
	char octet;

	if (fstat(fd, &st) < 0)
		return ANSWER_ERROR;
	if (!S_ISREG(st.st_mode))
		return fd_read_all(fd, bytes, CONTROL_MAX) < 0 ? ANSWER_ERROR : ANSWER_NO;
	if (st.st_size > CONTROL_MAX) {
		errno = EFBIG;
		return ANSWER_ERROR;
	}
	if (st.st_size < NAMEFILE_WINDOW)
		return read_small(fd, (size_t)st.st_size, bytes);
	return fd_read(fd, &octet, 1) < 0 ? ANSWER_ERROR : ANSWER_YES;
}

enum answer
namefile_open(const char *path, int *fd, struct str *bytes)
{
	int file = present_open(path);
	struct str all = { 0 };
	enum answer left;

	if (file < 0)
		return errno == ENOENT ? ANSWER_NO : ANSWER_ERROR;
	left = is_to_be_left(file, &all);
	if (left != ANSWER_YES)
		fd_close(&file);
	if (left == ANSWER_ERROR) {
		str_free(&all);
		return ANSWER_ERROR;
	}
	*fd = file;
	*bytes = all;
	return ANSWER_YES;
}

/* Whole lines from `offset` on, as many as fit in the window.  *last: the file ends with them. */
static int
read_lines(
    int fd, size_t offset, char window[NAMEFILE_WINDOW], struct view *lines, bool *last)
{
	ssize_t have = fill(fd, offset, window);
	size_t end;

	if (have < 0)
		return -1;
	if (offset + (size_t)have > CONTROL_MAX) { /* it has grown */
		errno = EFBIG;
		return -1;
	}
	*lines = (struct view) { window, (size_t)have };
	*last = have < NAMEFILE_WINDOW;
	if (*last)
		return 0;
	end = view_rindex(*lines, '\n');
	if (end == lines->len) {
		errno = EMSGSIZE;
		return -1;
	}
	lines->len = end + 1;
	return 0;
}

/* Which of the names are in `lines`, which start at `offset` of the file? */
static void
note_places(struct view lines, size_t offset, const struct view *names, size_t count,
    size_t *offsets)
{
	struct view text = offset == 0 ? control_without_mark(lines) : lines;
	size_t i;

	offset += lines.len - text.len;
	for (i = 0; i < count; i++) {
		size_t at = nameline_find_last(text, names[i], 0);

		if (at < text.len)
			offsets[i] = offset + at;
	}
}

int
namefile_find_last(int fd, const struct view *names, size_t count, size_t *offsets)
{
	char window[NAMEFILE_WINDOW];
	struct view lines;
	size_t offset = 0, i;
	bool last = false;

	for (i = 0; i < count; i++)
		offsets[i] = NAMEFILE_NOWHERE;
	for (; !last; offset += lines.len) {
		if (read_lines(fd, offset, window, &lines, &last) < 0)
			return -1;
		note_places(lines, offset, names, count, offsets);
	}
	return 0;
}

int
namefile_count(int fd, size_t len, size_t *count)
{
	char window[NAMEFILE_WINDOW];
	size_t total = 0, offset = 0;

	while (offset < len) {
		ssize_t have = fill(fd, offset, window);

		if (have <= 0)
			return have < 0 ? -1 : (*count = total, 0);
		total += nameline_count(
		    view_first((struct view) { window, (size_t)have }, len - offset));
		offset += (size_t)have;
	}
	*count = total;
	return 0;
}

int
namefile_load(int fd, struct str *bytes)
{
	return lseek(fd, 0, SEEK_SET) < 0 ? -1 : fd_read_all(fd, bytes, CONTROL_MAX);
}
