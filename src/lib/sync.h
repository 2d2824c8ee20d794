/* sync - bring a name to the disk: POSIX promises that a new or changed name survives a crash only
 * after an fsync of its directory. */
#ifndef LIB_SYNC_H
#define LIB_SYNC_H

/* The directory `name` below `at` (a descriptor, or AT_FDCWD).  0, or -1 with errno. */
int sync_directory(int at, const char *name);

/* The directory that holds `path`. */
int sync_parent(const char *path);

#endif
