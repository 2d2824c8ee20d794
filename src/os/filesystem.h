/* filesystem - what file systems promise, and a directory as a place to start from. */
#ifndef OS_FILESYSTEM_H
#define OS_FILESYSTEM_H

#include <stdbool.h>

/* Open a directory for openat() and its kin: needs no right to read it.  A descriptor
 * (close-on-exec), or -1 with errno. */
int os_open_directory(const char *path);

/* Call `each` with every name in the directory, "." and ".." too, as they were at one moment.  0; or -1
 * when it cannot be read, or not in one piece: then `each` may have seen some. */
int os_each_name(int fd, void (*each)(void *context, const char *name), void *context);

/* Bring everything on the file system that `fd` is on to the disk.  0, or -1 with errno. */
int os_sync_filesystem(int fd);

/* What a queue cannot be kept on; others are usual, as far as is known. */
enum os_filesystem {
	OS_FILESYSTEM_USUAL,
	OS_FILESYSTEM_NETWORK,    /* NFS, SMB and the like */
	OS_FILESYSTEM_NO_LINKS,   /* FAT and the like */
	OS_FILESYSTEM_USER_SPACE, /* what it can is its server's affair */
};
enum os_filesystem os_filesystem_of(int fd);

/* Is the path on a file system that is mounted with nosuid? */
bool os_is_without_set_id(const char *path);

/* True if fsync() of a new file also keeps its names (ext2/3/4, xfs, btrfs), so that the
 * directory need not be synced; `fd` is on that file system.  False when not known. */
bool os_names_follow_fsync(int fd);

/* Begin to write what a file holds to the disk, without waiting: of several files that are synced after
 * this, the first takes the others along.  Promises nothing. */
void os_start_writeback(int fd);

#endif
