#define _GNU_SOURCE
#include "repair/remains.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lib/fd.h"
#include "os/os.h"
#include "queue/alive.h"
#include "repair/rescue.h"
#include "repair/tree.h"

/* Read or written so long ago that no qmail-queue has it in hand. */
static bool
is_old(const struct repair *r, const struct stat *st)
{
	int64_t at = st->st_atime > st->st_mtime ? st->st_atime : st->st_mtime;

	return r->now > at + REPAIR_OSSIFIED;
}

/* A name with a dot: out of every scan, and there for the admin. */
static int
move_aside(struct repair *r, const struct tree_file *file)
{
	struct str aside = { 0 };
	int result;

	str_append_text(&aside, file->path);
	str_append_text(&aside, ".nomess");
	repair_as(r, file->dir);
	result = renameat(r->layout.fd, file->path, r->layout.fd, str_text(&aside));
	str_free(&aside);
	return result;
}

/* --- mess/N without the others ---------------------------------------------------------------------------- */

static int
remove_debris(struct repair *r, uint64_t n)
{
	return tree_remove(r, LAYOUT_BOUNCE, n) == 0 &&
		tree_remove(r, LAYOUT_INTD, n) == 0 && tree_remove(r, LAYOUT_MESS, n) == 0
	    ? 0
	    : -1;
}

static void
mend_mess(struct repair *r, const struct tree_file *file, void *context)
{
	uint64_t n = file->number;

	(void)context;
	if (tree_has(r, LAYOUT_INFO, n) || tree_has(r, LAYOUT_TODO, n) ||
	    (tree_has(r, LAYOUT_MESS, n) && alive_is(&r->layout, n)))
		return;
	if (tree_has(r, LAYOUT_LOCAL, n) || tree_has(r, LAYOUT_REMOTE, n)) {
		repair_left(r, file->path, "has recipients, but its info file is gone");
		return;
	}
	switch (rescue_look(r, n)) {
	case RESCUE_ASKED:
		if (repair_found(r, file->path, "has an envelope, but is not queued"))
			repair_done(r, file->path, rescue_queue(r, n));
		return;
	case RESCUE_POSSIBLE:
		repair_left(r, file->path,
		    "has an envelope, but is not queued (--rescue does that)");
		return;
	case RESCUE_NOTHING:
		break;
	}
	if (is_old(r, &file->st) && repair_found(r, file->path, "is of no message"))
		repair_done(r, file->path, remove_debris(r, n));
}

/* --- the message of a qmail-queue that began before we cut the queue otherwise ----------------------------- */

struct elsewhere {
	uint64_t number;
	bool found;
};

static void
compare_number(struct repair *r, const struct tree_file *file, void *context)
{
	struct elsewhere *e = context;

	(void)r;
	if (file->number == e->number)
		e->found = true;
}

/* There is no mess/N, also not where it was to be before: it may have come there since we looked. */
static bool
is_without_mess(struct repair *r, uint64_t n)
{
	struct elsewhere e = { n, false };

	if (tree_has(r, LAYOUT_MESS, n))
		return false;
	tree_each(r, LAYOUT_MESS, false, compare_number, &e);
	r->late = r->late || e.found;
	return !e.found;
}

/* --- the others without mess/N ---------------------------------------------------------------------------- */

static void
mend_record(struct repair *r, const struct tree_file *file, void *context)
{
	(void)context;
	if (!is_without_mess(r, file->number))
		return;
	if (repair_found(r, file->path, "has no message: moved aside as .nomess"))
		repair_done(r, file->path, move_aside(r, file));
}

static void
mend_leftover(struct repair *r, const struct tree_file *file, void *context)
{
	uint64_t n = file->number;

	(void)context;
	if (tree_has(r, LAYOUT_MESS, n) || tree_has(r, LAYOUT_INFO, n) ||
	    tree_has(r, LAYOUT_TODO, n))
		return;
	if (file->dir == LAYOUT_INTD && !is_old(r, &file->st))
		return;
	if (repair_found(r, file->path, "is of no message"))
		repair_done(r, file->path, tree_remove(r, file->dir, n));
}

/* With the record of a message that is no more, all else of it goes aside: nothing here is thrown away
 * that somebody may want to look at. */
static void
mend_companion(struct repair *r, const struct tree_file *file, void *context)
{
	uint64_t n = file->number;

	(void)context;
	if (!tree_has(r, LAYOUT_INFO, n) || !is_without_mess(r, n))
		return;
	if (repair_found(r, file->path, "has no message: moved aside as .nomess"))
		repair_done(r, file->path, move_aside(r, file));
}

/* --- pid/ ------------------------------------------------------------------------------------------------- */

static void
mend_pid(struct repair *r)
{
	const struct dirent *entry;
	int fd = tree_open(r, "pid");
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct str path = { 0 };
	struct stat st;

	while (dir && (entry = readdir(dir))) {
		if (fstatat(fd, entry->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0 ||
		    !S_ISREG(st.st_mode) || !is_old(r, &st))
			continue;
		str_set(&path, VIEW("pid/"));
		str_append_text(&path, entry->d_name);
		if (repair_found(r, str_text(&path), "is of no message"))
			repair_done(r, str_text(&path), unlinkat(fd, entry->d_name, 0));
	}
	if (dir)
		closedir(dir);
	else
		fd_close(&fd);
	str_free(&path);
}

void
remains_mend(struct repair *r)
{
	static const enum layout_dir companions[] = { LAYOUT_BOUNCE, LAYOUT_LOCAL,
		LAYOUT_REMOTE };
	size_t i;

	repair_as(r, LAYOUT_MESS);
	mend_pid(r);
	tree_each(r, LAYOUT_MESS, false, mend_mess, NULL);
	tree_each(r, LAYOUT_INTD, false, mend_leftover, NULL);
	for (i = 0; i < sizeof companions / sizeof *companions; i++) {
		tree_each(r, companions[i], false, mend_leftover, NULL);
		tree_each(r, companions[i], false, mend_companion, NULL);
	}
	tree_each(r, LAYOUT_INFO, false, mend_record, NULL);
	tree_each(r, LAYOUT_TODO, false, mend_record, NULL);
}
