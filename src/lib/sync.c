#include "lib/sync.h"

#include <fcntl.h>
#include <unistd.h>

#include "lib/fd.h"
#include "lib/str.h"

int
sync_directory(int at, const char *name)
{
	int fd = openat(at, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int status;

	if (fd < 0)
		return -1;
	status = fsync(fd);
	fd_close(&fd);
	return status;
}

int
sync_parent(const char *path)
{
	struct view whole = view_of(path);
	size_t slash = view_rindex(whole, '/');
	struct str dir = { 0 };
	int status;

	str_set(&dir, slash == whole.len ? VIEW(".") : view_first(whole, slash + 1));
	status = sync_directory(AT_FDCWD, str_text(&dir));
	str_free(&dir);
	return status;
}
