#include "delivery/tcptoclean.h"

#include <fcntl.h>
#include <sys/file.h>

#include "config/tcptofile.h"
#include "lib/fd.h"

static void
clean(const char *path, size_t record)
{
	static const char zeros[TCPTO_RECORDS * TCPTO_RECORD6];
	struct view table = { zeros, TCPTO_RECORDS * record };
	int fd = open(path, O_WRONLY | O_NONBLOCK | O_CLOEXEC);

	if (fd < 0)
		return;
	if (flock(fd, LOCK_EX) == 0)
		fd_write_all(
		    fd, table); /* if it fails, some mail waits a little longer */
	fd_close(&fd);
}

void
tcptoclean(void)
{
	clean(TCPTO_FILE, TCPTO_RECORD);
	clean(TCPTO_FILE6, TCPTO_RECORD6);
}
