#define _GNU_SOURCE
#include "os/filesystem.h"

#include <fcntl.h>
#include <stdalign.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/statvfs.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/statfs.h>
#include <sys/syscall.h>
#endif

#ifndef O_PATH
#define O_PATH O_RDONLY
#endif

int
os_open_directory(const char *path)
{
	return openat(AT_FDCWD, path, O_PATH | O_DIRECTORY | O_CLOEXEC);
}

#ifdef __linux__
enum { NAMES_OCTETS = 4096 }; /* more than a hundred names */

struct name_entry { /* getdents64(2) */
	uint64_t number;
	int64_t offset;
	unsigned short octets; /* of this entry */
	unsigned char type;
	char name[];
};

/* One call of getdents64(2) is one moment: nothing in the directory changes meanwhile.  With
 * readdir(3) a file that is replaced by another could be missed. */
int
os_each_name(int fd, void (*each)(void *context, const char *name), void *context)
{
	alignas(struct name_entry) char entries[NAMES_OCTETS];
	long len = syscall(SYS_getdents64, fd, entries, sizeof entries), at = 0;

	while (at < len) {
		const struct name_entry *entry = (const void *)(entries + at);

		each(context, entry->name);
		at += entry->octets;
	}
	return len > 0 && syscall(SYS_getdents64, fd, entries, sizeof entries) == 0 ? 0
										    : -1;
}
#else
int
os_each_name(int fd, void (*each)(void *context, const char *name), void *context)
{
	(void)fd, (void)each, (void)context;
	return -1;
}
#endif

int
os_sync_filesystem(int fd)
{
#ifdef __linux__
	return syncfs(fd);
#else
	(void)fd;
	sync();
	return 0;
#endif
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

void
os_start_writeback(int fd)
{
#ifdef SYNC_FILE_RANGE_WRITE
	sync_file_range(fd, 0, 0, SYNC_FILE_RANGE_WRITE);
#else
	(void)fd;
#endif
}

enum os_filesystem
os_filesystem_of(int fd)
{
#ifdef __linux__
	struct statfs fs;

	if (fstatfs(fd, &fs) < 0)
		return OS_FILESYSTEM_USUAL;
	switch ((unsigned long)fs.f_type & 0xffffffff) {
	case 0x6969:     /* nfs */
	case 0xFF534D42: /* cifs */
	case 0xFE534D42: /* smb2 */
	case 0x517B:     /* smb */
	case 0x5346414F: /* afs */
	case 0x00C36400: /* ceph */
	case 0x01021997: /* 9p */
		return OS_FILESYSTEM_NETWORK;
	case 0x4D44:     /* msdos, vfat */
	case 0x2011BAB0: /* exfat */
	case 0x4244:     /* hfs */
	case 0x786F4256: /* vboxsf */
		return OS_FILESYSTEM_NO_LINKS;
	case 0x65735546: /* fuse, virtiofs */
		return OS_FILESYSTEM_USER_SPACE;
	default:
		break;
	}
#else
	(void)fd;
#endif
	return OS_FILESYSTEM_USUAL;
}

bool
os_is_without_set_id(const char *path)
{
	struct statvfs fs;

	return statvfs(path, &fs) == 0 && (fs.f_flag & ST_NOSUID);
}
