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

/* A script that only speaks of us begins otherwise. */
static bool
is_marked(const char *path)
{
	struct str bytes = { 0 };
	bool marked = fd_read_file(path, &bytes, PROGRAM_MAX) == 0 &&
	    view_starts(str_view(&bytes), VIEW("\177ELF")) &&
	    holds(str_view(&bytes), VIEW(KEPT_MARK));

	str_free(&bytes);
	return marked;
}

bool
keptprogram_is_ours(struct keptprogram *p, const char *path)
{
	struct stat st;

	if (stat(path, &st) < 0 || !S_ISREG(st.st_mode))
		return false;
	if (!is_same(&st, &p->seen)) {
		p->ours = is_marked(path);
		p->seen = st;
	}
	return p->ours;
}
