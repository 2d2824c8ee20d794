#include "repair/split.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "lib/complain.h"
#include "lib/mem.h"
#include "repair/tree.h"

enum { USUAL_SPLIT = 23, SAMPLES = 4096 };

/* What the directories and the files in them say. */
struct evidence {
	uint64_t most; /* one more than the highest number of a subdirectory */
	size_t count;
	struct {
		uint64_t part, number;
	} files[SAMPLES];
};

bool
split_is_prime(uint64_t n)
{
	uint64_t d;

	for (d = 2; d * d <= n; d++)
		if (n % d == 0)
			return false;
	return n >= 2;
}

static void
see_part(struct repair *r, uint64_t part, void *context)
{
	struct evidence *e = context;

	(void)r;
	if (part < LAYOUT_SPLIT_MAX && part >= e->most)
		e->most = part + 1;
}

static void
see_file(struct repair *r, const struct tree_file *file, void *context)
{
	struct evidence *e = context;

	(void)r;
	if (file->part == TREE_FLAT || e->count == SAMPLES)
		return;
	e->files[e->count].part = file->part;
	e->files[e->count++].number = file->number;
}

static bool
fits(const struct evidence *e, uint64_t split)
{
	size_t i;

	if (split < e->most)
		return false;
	for (i = 0; i < e->count; i++)
		if (e->files[i].number % split != e->files[i].part)
			return false;
	return true;
}

/* Subdirectories without files may have been left out of a backup: the files say it then.  0: they do
 * not. */
static uint64_t
guess(const struct evidence *e)
{
	uint64_t split;

	if (fits(e, USUAL_SPLIT))
		return USUAL_SPLIT;
	for (split = e->most; e->count > 0 && split > 0 && split <= LAYOUT_SPLIT_MAX;
	     split++)
		if (fits(e, split))
			return split;
	if (e->most <= USUAL_SPLIT)
		return USUAL_SPLIT;
	return split_is_prime(e->most) ? e->most : 0;
}

static bool
is_big_todo(const struct repair *r)
{
	struct stat st;

	if (r->big_todo >= 0)
		return r->big_todo > 0;
	return fstatat(r->layout.fd, "todo/0", &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	    S_ISDIR(st.st_mode);
}

static uint64_t
look(struct repair *r)
{
	struct evidence *e = mem_alloc_zeroed(1, sizeof *e);
	enum layout_dir dir;
	struct stat st;
	uint64_t split;

	for (dir = LAYOUT_MESS; dir <= LAYOUT_REMOTE; dir++) {
		if (fstatat(r->layout.fd, layout_name(dir), &st, 0) < 0 &&
		    errno == ENOENT)
			continue;
		tree_each_subdirectory(r, dir, see_part, e);
		tree_each(r, dir, false, see_file, e);
	}
	split = guess(e);
	mem_free(e);
	return split;
}

int
split_find(struct repair *r)
{
	r->layout.big_todo = is_big_todo(r);
	r->layout.split = r->split ? r->split : look(r);
	if (r->layout.split > 0)
		return 0;
	complain(
	    "qmail-qrepair: fatal: the directories do not say how the queue is split: "
	    "use --split",
	    (char *)NULL);
	return -1;
}
