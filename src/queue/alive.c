#define _GNU_SOURCE
#include "queue/alive.h"

#include <errno.h>
#include <sys/file.h>

#include "lib/fd.h"

void
alive_begin(int mess_fd)
{
	(void)flock(mess_fd, LOCK_EX | LOCK_NB);
}

bool
alive_is(const struct layout *layout, uint64_t n)
{
	int fd = layout_open_file(layout, LAYOUT_MESS, n);
	bool locked;

	if (fd < 0) /* ours may be read, and is a plain file */
		return errno != EACCES && errno != EINVAL && errno != ELOOP;
	locked = flock(fd, LOCK_SH | LOCK_NB) < 0 && errno == EWOULDBLOCK;
	fd_close(&fd);
	return locked;
}
