#define _GNU_SOURCE
#include "repair/rescue.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "lib/fd.h"
#include "lib/reader.h"
#include "os/os.h"
#include "repair/tree.h"

enum { LIFE = 86400, PIECE = 16384 }; /* seconds that a qmail-queue may live */

/* Nobody works on it: it was made before this machine started, or too long ago. */
static bool
is_abandoned(const struct repair *r, const struct stat *st)
{
	int64_t booted = r->now - os_boottime_ms() / 1000;

	return st->st_mtime < booted || r->now > st->st_mtime + LIFE;
}

/* The letters of the records of intd/N, in their order; the file is one of an envelope that was written
 * to its end if it has uid, pid, sender and one recipient at least, and ends with a NUL. */
struct letters {
	unsigned seen;     /* records */
	bool at_start, ok; /* of a record; so far */
	bool recipient;
};

static void
take_letters(struct letters *l, struct view piece)
{
	static const char head[] = "upF";
	size_t i;

	for (i = 0; i < piece.len; i++) {
		char c = piece.at[i];

		if (l->at_start) {
			if (l->seen < sizeof head - 1)
				l->ok = l->ok && c == head[l->seen];
			else
				l->ok = l->ok && c == 'T';
			l->recipient = l->recipient || c == 'T';
			l->seen++;
		}
		l->at_start = c == '\0';
	}
}

static bool
is_whole(int fd)
{
	struct letters l = { .at_start = true, .ok = true };
	char piece[PIECE];
	ssize_t got;

	while ((got = fd_read(fd, piece, sizeof piece)) > 0)
		take_letters(&l, (struct view) { piece, (size_t)got });
	return got == 0 && l.ok && l.at_start && l.recipient;
}

enum rescue
rescue_look(struct repair *r, uint64_t n)
{
	struct stat mess, intd;
	bool whole = false;
	int fd;

	if (tree_stat(r, LAYOUT_MESS, n, &mess) < 0 ||
	    tree_stat(r, LAYOUT_INTD, n, &intd) < 0 || mess.st_size == 0 ||
	    !is_abandoned(r, &intd))
		return RESCUE_NOTHING;
	fd = layout_open_file(&r->layout, LAYOUT_INTD, n);
	whole = fd >= 0 && is_whole(fd);
	fd_close(&fd);
	if (!whole)
		return RESCUE_NOTHING;
	return r->rescue ? RESCUE_ASKED : RESCUE_POSSIBLE;
}

int
rescue_queue(struct repair *r, uint64_t n)
{
	char intd[NAME_MAX_OCTETS], todo[NAME_MAX_OCTETS];

	repair_as(r, LAYOUT_INTD);
	layout_path(&r->layout, LAYOUT_INTD, n, intd);
	layout_path(&r->layout, LAYOUT_TODO, n, todo);
	return linkat(r->layout.fd, intd, r->layout.fd, todo, 0);
}
