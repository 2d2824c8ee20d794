#include "lib/feed.h"

#include <errno.h>
#include <signal.h>
#include <unistd.h>

#include "lib/fd.h"
#include "lib/reader.h"

enum { BUFFER = 65536 };

int
feed_start(struct feed *f, struct spawn *program)
{
	int ends[2];

	if (fd_pipe(ends) < 0)
		return -1;
	spawn_give(program, STDIN_FILENO, ends[0]);
	f->pid = spawn_start(program);
	fd_close(&ends[0]);
	if (f->pid < 0) {
		fd_close(&ends[1]);
		return -1;
	}
	f->fd = ends[1];
	writer_init(&f->to, f->fd, f->buffer, sizeof f->buffer, -1);
	return 0;
}

/* -1, with the errno of what has gone wrong. */
static int
give_up(struct feed *f, int error)
{
	int status;

	spawn_kill(f->pid, SIGKILL);
	spawn_wait(f->pid, deadline_never(), &status);
	fd_close(&f->fd);
	errno = error;
	return -1;
}

int
feed_copy(struct feed *f, int fd)
{
	char buffer[BUFFER];
	struct reader in;
	enum reader_status status;

	reader_init(&in, fd, buffer, sizeof buffer, -1, NULL);
	while ((status = reader_fill(&in)) == READER_OK && f->to.error == 0) {
		struct view bytes = reader_buffered(&in);

		writer_put(&f->to, bytes);
		reader_skip(&in, bytes.len);
	}
	return status == READER_ERROR ? give_up(f, errno) : 0;
}

int
feed_end(struct feed *f, int *status)
{
	if (writer_flush(&f->to) < 0 && errno != EPIPE)
		return give_up(f, errno);
	fd_close(&f->fd);
	return spawn_wait(f->pid, deadline_never(), status);
}
