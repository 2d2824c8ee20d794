/* qmail-send - deliver the messages in the queue.  See qmail-send(8).
 *
 * Descriptors, as qmail-start arranges them: 0 log; 1 and 2 qmail-lspawn, 3 and 4 qmail-rspawn, 5
 * and 6 qmail-clean: commands out, answers in.  Suites with a qmail-todo have that on 7 and 8. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "lib/fd.h"
#include "lib/mem.h"
#include "lib/program.h"
#include "os/os.h"
#include "os/signals.h"
#include "send/manager.h"
#include "send/sendlog.h"
#include "send/startup.h"

enum {
	EXIT_TROUBLE = 111,
	LSPAWN_COMMANDS = 1,
	LSPAWN_REPORTS,
	RSPAWN_COMMANDS,
	RSPAWN_REPORTS,
	CLEAN_REQUESTS,
	CLEAN_ANSWERS,
	LAST_FD = CLEAN_ANSWERS,
	TODO_COMMANDS,
	TODO_ANSWERS,
	MUTEX_TRIES = 10,
	MUTEX_PAUSE_MS = 100,
};

/* Everything is in the queue's files: the supervisor starts us anew. */
static _Noreturn void
out_of_memory(void)
{
	os_exit_saying(
	    MANAGER_LOG_FD, "alert: out of memory, sleeping...\n", EXIT_TROUBLE);
}

static int
cannot_start(const char *why)
{
	sendlog_say(MANAGER_LOG_FD, "alert: cannot start: ", why, "");
	return -1;
}

/* qmail-q may have it for a moment. */
static bool
take_mutex(int fd)
{
	int i;

	for (i = 0; i < MUTEX_TRIES; i++) {
		if (flock(fd, LOCK_EX | LOCK_NB) == 0)
			return true;
		poll(NULL, 0, MUTEX_PAUSE_MS);
	}
	return false;
}

static int
lock_queue(struct manager *m)
{
	m->mutex_fd = openat(m->layout.fd, "lock/sendmutex", O_WRONLY | O_CLOEXEC);
	if (m->mutex_fd < 0)
		return cannot_start("unable to open mutex");
	if (!take_mutex(m->mutex_fd))
		return cannot_start("qmail-send is already running");
	m->scan.unclean = !startup_was_clean(m->mutex_fd);
	return 0;
}

static int
start_channel(struct manager *m, enum channel_kind kind, int commands, int reports)
{
	struct channel *c = &m->channels[kind];

	if (spawner_greeted(&c->spawner, commands, reports) < 0)
		return cannot_start("hath the daemon spawn no fire?");
	c->deliveries = mem_alloc_zeroed(c->spawner.slots, sizeof *c->deliveries);
	manager_set_limit(m, kind);
	return 0;
}

static void
start_cleaner(struct manager *m)
{
	m->cleaner = (struct cleaner) {
		.alive = true,
		.request_fd = CLEAN_REQUESTS,
		.answer_fd = CLEAN_ANSWERS,
		.big_todo = m->layout.big_todo,
		.split = m->layout.split,
	};
}

/* Whatever we start must not hold our pipes when we are gone. */
static void
keep_descriptors_to_ourselves(void)
{
	int fd;

	for (fd = 0; fd <= LAST_FD; fd++)
		fd_set_cloexec(fd);
}

static bool
is_pipe(int fd, int mode)
{
	struct stat st;

	return fstat(fd, &st) == 0 && S_ISFIFO(st.st_mode) &&
	    (fcntl(fd, F_GETFL) & O_ACCMODE) == mode;
}

/* Another suite's qmail-start has started a qmail-todo, which would take the messages in todo/ too. */
static bool
has_todo_process(void)
{
	return is_pipe(TODO_COMMANDS, O_WRONLY) && is_pipe(TODO_ANSWERS, O_RDONLY);
}

static int
start(struct manager *m)
{
	static const int signals[] = { SIGTERM, SIGALRM, SIGHUP, 0 };

	keep_descriptors_to_ourselves();
	if (has_todo_process())
		return cannot_start(
		    "started beside a qmail-todo: replace qmail-start, too");
	signal(SIGCHLD, SIG_DFL);
	m->signal_fd = os_signal_fd(signals); /* first, so that TERM is an end in order */
	if (m->signal_fd < 0)
		return cannot_start("unable to listen for signals");
	if (program_enter_home() < 0)
		return cannot_start("unable to switch to home directory");
	if (sendsettings_read(&m->settings, NULL) < 0)
		return cannot_start("unable to read controls");
	if (layout_open(&m->layout, "queue") < 0)
		return cannot_start(errno == EUCLEAN
			? "mess, info, local and remote are not split alike"
			: "unable to switch to queue directory");
	if (lock_queue(m) < 0)
		return -1;
	if (start_channel(m, CHANNEL_LOCAL, LSPAWN_COMMANDS, LSPAWN_REPORTS) < 0 ||
	    start_channel(m, CHANNEL_REMOTE, RSPAWN_COMMANDS, RSPAWN_REPORTS) < 0)
		return -1;
	start_cleaner(m);
	if (desk_start(m) < 0)
		return cannot_start("unable to read state/send");
	return 0;
}

int
main(void)
{
	struct manager m = { .mutex_fd = -1, .signal_fd = -1 };

	umask(077);
	program_start(out_of_memory);
	if (start(&m) < 0) {
		manager_free(&m);
		return EXIT_TROUBLE;
	}
	manager_run(&m);
	manager_free(&m);
	return 0;
}
