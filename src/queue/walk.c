#include "queue/walk.h"

#include <errno.h>
#include <stddef.h>

#include "lib/fd.h"

void
walk_start(struct walk *w, const struct layout *layout, enum layout_dir dir)
{
	*w = (struct walk) { .layout = layout, .dir = dir };
}

static int
open_part(struct walk *w)
{
	int fd = layout_open_holder(w->layout, w->dir, w->part++);

	if (fd >= 0 && !(w->open = fdopendir(fd)))
		fd_close(&fd);
	return w->open ? 0 : -1;
}

static void
close_part(struct walk *w)
{
	int saved = errno;

	if (w->open)
		closedir(w->open);
	w->open = NULL;
	errno = saved;
}

enum answer
walk_next(struct walk *w, uint64_t *n)
{
	for (;;) {
		const struct dirent *entry;

		if (!w->open && w->part >= layout_parts(w->layout, w->dir))
			return ANSWER_NO;
		if (!w->open && open_part(w) < 0)
			return ANSWER_ERROR;
		errno = 0;
		while ((entry = readdir(w->open)))
			if (name_number(view_of(entry->d_name), n))
				return ANSWER_YES;
		close_part(w);
		if (errno != 0)
			return ANSWER_ERROR;
	}
}

void
walk_end(struct walk *w)
{
	close_part(w);
}
