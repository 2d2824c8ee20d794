#include "send/bounce.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "lib/fd.h"
#include "send/bouncetail.h"

/* The name of a new file is on disk only when its directory is. */
static int
sync_name(const struct layout *layout, uint64_t id)
{
	int fd = layout_open_holder(layout, LAYOUT_BOUNCE, id), result;

	if (fd < 0)
		return -1;
	result = fsync(fd);
	fd_close(&fd);
	return result;
}

/* The name first: a file that has a paragraph needs no more of that. */
static int
append_durably(const struct layout *layout, uint64_t id, int fd, struct view text)
{
	int64_t whole = bouncetail_whole(fd);
	int saved;

	/* Half a paragraph would become part of a bounce. */
	if (whole < 0 || ftruncate(fd, (off_t)whole) < 0 ||
	    (whole == 0 && sync_name(layout, id) < 0))
		return -1;
	if (fd_write_all(fd, text) == 0 && fsync(fd) == 0)
		return 0;
	saved = errno;
	if (ftruncate(fd, (off_t)whole) < 0)
		return -1;
	return errno = saved, -1;
}

int
bounce_append_text(const struct layout *layout, uint64_t id, struct view text)
{
	char path[NAME_MAX_OCTETS];
	int fd, result;

	layout_path(layout, LAYOUT_BOUNCE, id, path);
	fd = openat(layout->fd, path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0)
		return -1;
	result = append_durably(layout, id, fd, text);
	fd_close(&fd);
	return result;
}

int
bounce_append(const struct layout *layout, const struct routes *routes, uint64_t id,
    struct view recipient, struct view report)
{
	struct str text = { 0 };
	int result;

	bouncetext_recipient(&text, route_strip_prefix(routes, recipient), report);
	result = bounce_append_text(layout, id, str_view(&text));
	str_free(&text);
	return result;
}

int64_t
bounce_size(const struct layout *layout, uint64_t id)
{
	int fd = layout_open_file(layout, LAYOUT_BOUNCE, id);
	int64_t size;

	if (fd < 0)
		return -1;
	size = bouncetail_whole(fd);
	fd_close(&fd);
	return size;
}
