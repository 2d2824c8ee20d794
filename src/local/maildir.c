#include "local/maildir.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "config/leastprivilege.h"
#include "lib/complain.h"
#include "lib/fd.h"
#include "lib/fmt.h"
#include "lib/program.h"
#include "lib/spawn.h"
#include "lib/sync.h"
#include "lib/writer.h"
#include "local/copy.h"
#include "local/maildirplan.h"
#include "local/maildirquota.h"
#include "os/os.h"

enum { SECONDS = 86400, TRIES = 3, HOST_MAX = 64, BUFFER = 65536 };

#define TIMEOUT "Timeout on maildir delivery. (#4.3.0)"

/* How it ends: the exit codes of the child. */
enum {
	CHILD_DONE,
	CHILD_FAILED,
	CHILD_NO_DIRECTORY,
	CHILD_UNREADABLE,
	CHILD_NO_ROOM,
};

void
maildir_name(struct str *out, int64_t seconds, uint32_t microseconds, pid_t pid,
    unsigned try, struct view host)
{
	size_t i;

	fmt_u64(out, (uint64_t)seconds);
	str_append_text(out, ".M");
	fmt_u64(out, microseconds);
	str_append_byte(out, 'P');
	fmt_u64(out, (uint64_t)pid);
	str_append_byte(out, 'Q');
	fmt_u64(out, try);
	str_append_byte(out, '.');
	for (i = 0; i < host.len; i++)
		if (host.at[i] == '/')
			str_append_text(out, "\\057");
		else if (host.at[i] == ':')
			str_append_text(out, "\\072");
		else
			str_append_byte(out, host.at[i]);
}

static void
name_now(struct str *out, unsigned try)
{
	char host[HOST_MAX] = "";
	struct timespec now = { 0 };

	gethostname(host, sizeof host - 1);
	clock_gettime(CLOCK_REALTIME, &now);
	maildir_name(out, now.tv_sec, (uint32_t)(now.tv_nsec / 1000), getpid(), try,
	    view_of(host));
}

/* A new file in tmp/, its path "tmp/NAME"; -1 with errno. */
static int
create(int dir, struct str *path)
{
	unsigned try;
	int fd = -1;

	for (try = 1; try <= TRIES; try++) {
		str_set(path, VIEW("tmp/"));
		name_now(path, try);
		fd = openat(
		    dir, str_text(path), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
		if (fd >= 0 || errno != EEXIST)
			break;
	}
	return fd;
}

/* The size of what was written goes to *size. */
static int
fill(int fd, int message, const struct delivery_lines *lines, uint64_t *size)
{
	char buffer[BUFFER];
	struct writer w;

	writer_init(&w, fd, buffer, sizeof buffer, -1);
	writer_put(&w, str_view(&lines->return_path));
	writer_put(&w, str_view(&lines->delivered_to));
	if (copy_verbatim(message, &w) != COPY_DONE)
		return CHILD_UNREADABLE;
	if (writer_flush(&w) < 0 || fsync(fd) < 0)
		return CHILD_FAILED;
	*size = w.written;
	return CHILD_DONE;
}

/* A link, not a rename: it never replaces a message. */
static int
publish(int dir, const char *tmp, uint64_t size)
{
	struct str path = { 0 };
	int status;

	str_append_text(&path, "new/");
	str_append_text(&path, tmp + sizeof "tmp/" - 1);
	str_append_text(&path, ",S=");
	fmt_u64(&path, size);
	status = linkat(dir, tmp, dir, str_text(&path), 0) == 0 &&
		sync_directory(dir, "new") == 0
	    ? CHILD_DONE
	    : CHILD_FAILED;
	str_free(&path);
	return status;
}

/* Before a byte is written; what the file will have is known. */
static bool
has_room(struct maildirquota *quota, int message, const struct delivery_lines *lines)
{
	struct str unique = { 0 };
	struct stat st;
	uint64_t size;
	bool room;

	if (quota->root < 0 || fstat(message, &st) < 0)
		return true;
	size = (uint64_t)st.st_size + lines->return_path.len + lines->delivered_to.len;
	name_now(&unique, 0);
	room = maildirquota_has_room(quota, size, time(NULL), str_text(&unique));
	str_free(&unique);
	return room;
}

static int
write_message(int dir, int message, const struct delivery_lines *lines, uint64_t *size)
{
	struct str tmp = { 0 };
	int fd = create(dir, &tmp), status;

	if (fd < 0)
		return CHILD_FAILED;
	status = fill(fd, message, lines, size);
	if (close(fd) < 0 && status == CHILD_DONE)
		status = CHILD_FAILED;
	if (status == CHILD_DONE)
		status = publish(dir, str_text(&tmp), *size);
	unlinkat(dir, str_text(&tmp), 0);
	return status;
}

/* With no more rights than that needs; they do not come back. */
static int
deliver_restricted(const char *path, struct view quota_text, int message,
    const struct delivery_lines *lines)
{
	struct maildirquota quota;
	struct restrict_plan plan;
	uint64_t size = 0;
	const char *why;
	int dir, status;

	alarm(SECONDS);
	umask(0); /* each file is made with the mode it shall have */
	dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0)
		return CHILD_NO_DIRECTORY;
	maildirquota_open(&quota, dir, quota_text, &why);
	if (why)
		complain("Warning: maildirsize of ", path, ": ", why, (char *)NULL);
	plan = maildirplan(dir, quota.root);
	if (leastprivilege_enter_from(program_home(), &plan) < 0)
		return CHILD_FAILED;
	if (!has_room(&quota, message, lines))
		return CHILD_NO_ROOM;
	status = write_message(dir, message, lines, &size);
	if (status == CHILD_DONE)
		maildirquota_add(&quota, size);
	return status;
}

static void
judge(size_t code, struct outcome *o)
{
	static const struct {
		enum outcome_kind kind;
		const char *text;
	} ends[] = {
		[CHILD_DONE] = { OUTCOME_DONE, "" },
		[CHILD_FAILED] = { OUTCOME_TEMPORARY,
		    "Temporary error on maildir delivery. (#4.3.0)" },
		[CHILD_NO_DIRECTORY] = { OUTCOME_TEMPORARY,
		    "Unable to chdir to maildir. (#4.2.1)" },
		[CHILD_UNREADABLE] = { OUTCOME_TEMPORARY,
		    "Unable to read message. (#4.3.0)" },
		[CHILD_NO_ROOM] = { OUTCOME_PERMANENT, "User over quota. (#5.2.2)" },
	};

	if (code >= sizeof ends / sizeof *ends)
		code = CHILD_FAILED; /* out of memory */
	outcome_set(o, ends[code].kind, ends[code].text, (char *)NULL);
}

static void
judge_child(int status, struct outcome *o)
{
	if (!WIFSIGNALED(status))
		judge((size_t)WEXITSTATUS(status), o);
	else
		outcome_set(o, OUTCOME_TEMPORARY,
		    WTERMSIG(status) == SIGALRM ? TIMEOUT
						: "Aack, child crashed. (#4.3.0)",
		    (char *)NULL);
}

static bool
rewind_message(int fd, struct outcome *o)
{
	if (lseek(fd, 0, SEEK_SET) == 0)
		return true;
	outcome_set(
	    o, OUTCOME_TEMPORARY, "Unable to rewind message. (#4.3.0)", (char *)NULL);
	return false;
}

void
maildir_deliver(const char *dir, struct view quota, int fd,
    const struct delivery_lines *lines, struct outcome *o)
{
	int status;
	pid_t pid;

	if (!rewind_message(fd, o))
		return;
	pid = fork();
	if (pid == 0) {
		signal(SIGALRM, SIG_DFL); /* ends us, and the parent knows it by that */
		_exit(deliver_restricted(dir, quota, fd, lines));
	}
	if (pid < 0 || spawn_wait(pid, deadline_never(), &status) < 0) {
		outcome_errno(o, "Unable to fork", "", errno, "#4.3.0");
		return;
	}
	judge_child(status, o);
}

static void
time_is_up(int signal_number)
{
	(void)signal_number;
	os_exit_saying(STDERR_FILENO, TIMEOUT "\n", OUTCOME_EXIT_TEMPORARY);
}

void
maildir_deliver_last(const char *dir, struct view quota, int fd,
    const struct delivery_lines *lines, struct outcome *o)
{
	if (!rewind_message(fd, o))
		return;
	signal(SIGALRM, time_is_up);
	judge((size_t)deliver_restricted(dir, quota, fd, lines), o);
}
