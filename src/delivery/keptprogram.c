#include "delivery/keptprogram.h"

#include "lib/fd.h"
#include "lib/str.h"
#include "wire/kept.h"

enum { PROGRAM_MAX = 64 * 1024 * 1024 };

static bool
is_same(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino &&
	    a->st_size == b->st_size && a->st_mtim.tv_sec == b->st_mtim.tv_sec &&
	    a->st_mtim.tv_nsec == b->st_mtim.tv_nsec &&
	    a->st_ctim.tv_sec == b->st_ctim.tv_sec &&
	    a->st_ctim.tv_nsec == b->st_ctim.tv_nsec;
}

static bool
holds(struct view bytes, struct view mark)
{
	size_t at;

	while ((at = view_index(bytes, mark.at[0])) < bytes.len) {
		if (view_starts(view_from(bytes, at), mark))
			return true;
		bytes = view_from(bytes, at + 1);
	}
	return false;
}

/* A script that only speaks of us begins otherwise.  False: it could not be read, for now. */
static bool
find_mark(const char *path, bool *marked)
{
	struct str bytes = { 0 };
	bool read = fd_read_file(path, &bytes, PROGRAM_MAX) == 0;

	*marked = read && view_starts(str_view(&bytes), VIEW("\177ELF")) &&
	    holds(str_view(&bytes), VIEW(KEPT_MARK));
	str_free(&bytes);
	return read;
}

bool
keptprogram_is_ours(struct keptprogram *p, const char *path)
{
	struct stat st;

	if (stat(path, &st) < 0 || !S_ISREG(st.st_mode))
		return false;
	if (!is_same(&st, &p->seen)) {
		if (!find_mark(path, &p->ours))
			return false;
		p->seen = st;
	}
	return p->ours;
}
