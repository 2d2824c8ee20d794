#define _GNU_SOURCE
#include "os/filesystem.h"

#include <fcntl.h>
#ifdef __linux__
#include <sys/statfs.h>
#endif

#ifndef O_PATH
#define O_PATH O_RDONLY
#endif

int
os_open_directory(const char *path)
{
	return openat(AT_FDCWD, path, O_PATH | O_DIRECTORY | O_CLOEXEC);
}

bool
os_names_follow_fsync(int fd)
{
#ifdef __linux__
	struct statfs fs;

	if (fstatfs(fd, &fs) < 0)
		return false;
	switch ((unsigned long)fs.f_type) {
	case 0xEF53:     /* ext2, ext3, ext4 */
	case 0x58465342: /* xfs */
	case 0x9123683E: /* btrfs */
		return true;
	default:
		return false;
	}
#else
	(void)fd;
	return false;
#endif
}
