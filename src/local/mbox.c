#define _DEFAULT_SOURCE /* flock */
#include "local/mbox.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/fd.h"
#include "lib/sync.h"
#include "lib/writer.h"
#include "local/copy.h"

enum { BUFFER = 65536 };

/* Only there so that SIGALRM interrupts flock(). */
static void
on_alarm(int signal_number)
{
	(void)signal_number;
}

enum mbox_lock
mbox_lock(int fd, unsigned seconds)
{
	struct sigaction interrupt = { .sa_handler = on_alarm }, old;
	int status, error;

	sigemptyset(&interrupt.sa_mask);
	sigaction(SIGALRM, &interrupt, &old);
	alarm(seconds);
	status = flock(fd, LOCK_EX);
	error = errno;
	alarm(0);
	sigaction(SIGALRM, &old, NULL);
	if (status == 0)
		return MBOX_LOCKED;
	return error == EINTR ? MBOX_LOCK_TIMEOUT : MBOX_NO_LOCKS;
}

/* Open to append; *created: the name is new. */
static int
open_mbox(const char *path, bool *created)
{
	struct stat st;

	*created = stat(path, &st) < 0;
	return open(path, O_WRONLY | O_APPEND | O_CREAT | O_NONBLOCK | O_CLOEXEC, 0600);
}

/* What is missing of the empty line in front of an entry: somebody was killed before he had written all
 * of the one before, and its last line would swallow our "From ". */
static struct view
missing_end(const char *path, off_t end)
{
	int fd = end > 0 ? open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC) : -1;
	char last[2] = { '\n', '\n' };
	size_t want = end > 1 ? 2 : 1;

	if (fd < 0)
		return VIEW("");
	if (pread(fd, last + 2 - want, want, end - (off_t)want) != (ssize_t)want)
		last[0] = last[1] = '\n';
	fd_close(&fd);
	return last[1] != '\n' ? VIEW("\n\n") : last[0] != '\n' ? VIEW("\n") : VIEW("");
}

/* 0; or -1 with the outcome set. */
static int
append(int fd, const char *path, off_t end, int message,
    const struct delivery_lines *lines, bool created, struct outcome *o)
{
	char buffer[BUFFER];
	struct writer w;

	writer_init(&w, fd, buffer, sizeof buffer, -1);
	writer_put(&w, missing_end(path, end));
	writer_put(&w, str_view(&lines->from));
	writer_put(&w, str_view(&lines->return_path));
	writer_put(&w, str_view(&lines->delivered_to));
	if (copy_mbox(message, &w) != COPY_DONE) {
		outcome_errno(o, "Unable to read message", "", errno, "#4.3.0");
		return -1;
	}
	writer_byte(&w, '\n');
	if (writer_flush(&w) < 0 || fsync(fd) < 0 || (created && sync_parent(path) < 0)) {
		outcome_errno(o, "Unable to write ", path, errno, "#4.3.0");
		return -1;
	}
	outcome_set(o, OUTCOME_DONE, "", (char *)NULL);
	return 0;
}

static void
append_locked(int fd, const char *path, int message, const struct delivery_lines *lines,
    bool created, unsigned lock_seconds, struct outcome *o)
{
	enum mbox_lock locked = mbox_lock(fd, lock_seconds);
	off_t end;

	if (locked == MBOX_LOCK_TIMEOUT) {
		outcome_set(o, OUTCOME_TEMPORARY,
		    "File has been locked for 30 seconds straight. (#4.3.0)",
		    (char *)NULL);
		return;
	}
	end = lseek(fd, 0, SEEK_END);
	if (append(fd, path, end, message, lines, created, o) < 0 &&
	    locked == MBOX_LOCKED && end >= 0 && ftruncate(fd, end) < 0)
		str_append_text(&o->text, " (and unable to cut the file again)");
}

void
mbox_deliver(const char *path, int fd, const struct delivery_lines *lines,
    unsigned lock_seconds, struct outcome *o)
{
	bool created;
	int mbox;

	if (lseek(fd, 0, SEEK_SET) < 0) {
		outcome_set(o, OUTCOME_TEMPORARY, "Unable to rewind message. (#4.3.0)",
		    (char *)NULL);
		return;
	}
	mbox = open_mbox(path, &created);
	if (mbox < 0) {
		outcome_errno(o, "Unable to open ", path, errno, "#4.2.1");
		return;
	}
	append_locked(mbox, path, fd, lines, created, lock_seconds, o);
	fd_close(&mbox);
}
