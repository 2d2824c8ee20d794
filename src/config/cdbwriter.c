#include "config/cdbwriter.h"

#include <cdb.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <unistd.h>

#include "lib/fd.h"
#include "lib/mem.h"
#include "lib/str.h"
#include "lib/sync.h"

struct cdbwriter {
	struct cdb_make make;
	int fd;
	struct str temporary;
};

struct cdbwriter *
cdbwriter_open(const char *temporary)
{
	struct cdbwriter *w;
	int fd = open(temporary, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	if (fd < 0)
		return NULL;
	w = mem_alloc_zeroed(1, sizeof *w);
	w->fd = fd;
	str_append_text(&w->temporary, temporary);
	if (cdb_make_start(&w->make, fd) < 0) {
		cdbwriter_abandon(w);
		return NULL;
	}
	return w;
}

int
cdbwriter_add(struct cdbwriter *w, struct view key, struct view data)
{
	if (key.len > UINT_MAX || data.len > UINT_MAX) {
		errno = EFBIG;
		return -1;
	}
	return cdb_make_add(&w->make, key.len ? key.at : "", (unsigned)key.len,
		   data.len ? data.at : "", (unsigned)data.len) < 0
	    ? -1
	    : 0;
}

static void
release(struct cdbwriter *w)
{
	fd_close(&w->fd);
	str_free(&w->temporary);
	mem_free(w);
}

int
cdbwriter_commit(struct cdbwriter *w, const char *path)
{
	if (cdb_make_finish(&w->make) < 0 || fsync(w->fd) < 0 ||
	    rename(str_text(&w->temporary), path) < 0) {
		int error = errno;

		unlink(str_text(&w->temporary));
		release(w);
		errno = error;
		return -1;
	}
	release(w);
	return sync_parent(path);
}

void
cdbwriter_abandon(struct cdbwriter *w)
{
	int error = errno;

	unlink(str_text(&w->temporary));
	cdb_make_finish(&w->make); /* tinycdb's only way to free its lists */
	release(w);
	errno = error;
}
