#define _GNU_SOURCE
#include "config/tcptofile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "lib/fd.h"

static int
open_table(const char *path)
{
	int fd = open(path, O_WRONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	struct stat st;

	if (fd < 0)
		return -1;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_nlink == 1)
		return fd;
	fd_close(&fd);
	return errno = EINVAL, -1;
}

const char *
tcptofile_clear(const char *path, size_t record)
{
	static const char zeros[TCPTO_RECORDS * TCPTO_RECORD6];
	struct view table = { zeros, TCPTO_RECORDS * record };
	const char *failed = NULL;
	int fd = open_table(path);

	if (fd < 0)
		return "write";
	if (flock(fd, LOCK_EX) < 0)
		failed = "lock";
	else if (fd_write_all(fd, table) < 0)
		failed = "clear";
	fd_close(&fd);
	return failed;
}
