/* qmail-queue - put one message into the queue, durably: the message on descriptor 0, the envelope
 * on descriptor 1.  Set-uid qmailq: whatever is inherited is a stranger's.  See qmail-queue(8). */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "config/ids.h"
#include "lib/date.h"
#include "lib/fd.h"
#include "lib/fmt.h"
#include "lib/mem.h"
#include "lib/program.h"
#include "os/os.h"
#include "os/restrict.h"
#include "queue/envelope.h"
#include "queue/intake.h"

enum {
	DEATH = 86400,      /* seconds; qmail-clean takes files of 129600 for debris */
	BUFFER = 64 * 1024, /* what a pipe holds */
	MODE_MASK = 033,    /* other suites' spawners read messages by group or other */
	NULL_DEVICE_MAJOR = 1, /* Linux: /dev/null is 1:3 */
	NULL_DEVICE_MINOR = 3,
};

static void
on_alarm(int signal_number)
{
	(void)signal_number;
	_exit(QUEUE_TIMEOUT); /* files stay: a signal may come anywhere */
}

static void
on_fatal(int signal_number)
{
	(void)signal_number;
	_exit(QUEUE_BUG);
}

static _Noreturn void
out_of_memory(void)
{
	_exit(QUEUE_NO_MEMORY);
}

/* To block is to ignore here, for nothing is started that would inherit it, and one call does it for
 * all; a SIGPIPE that was sent before us must not end us either. */
static void
set_signals(void)
{
	static const int ignored[] = { SIGPIPE, SIGVTALRM, SIGPROF, SIGQUIT, SIGINT,
		SIGHUP, SIGXCPU, SIGXFSZ };
	static const int fatal[] = { SIGILL, SIGABRT, SIGFPE, SIGBUS, SIGSEGV, SIGSYS };
	struct sigaction action = { .sa_handler = on_fatal };
	sigset_t blocked;
	size_t i;

	sigemptyset(&blocked);
	for (i = 0; i < sizeof ignored / sizeof *ignored; i++)
		sigaddset(&blocked, ignored[i]);
	sigemptyset(&action.sa_mask);
	for (i = 0; i < sizeof fatal / sizeof *fatal; i++)
		sigaction(fatal[i], &action, NULL);
	action.sa_handler = on_alarm;
	sigaction(SIGALRM, &action, NULL);
	sigprocmask(SIG_SETMASK, &blocked, NULL);
}

/* A closed descriptor 0 is not an empty message.  libc opens /dev/null for reading and writing
 * in its place in a set-id program, which no caller does who means an empty message. */
static bool
is_filled_in(int fd, int flags)
{
	struct stat st;

	return (flags & O_ACCMODE) == O_RDWR && os_is_privileged() &&
	    fstat(fd, &st) == 0 && S_ISCHR(st.st_mode) &&
	    st.st_rdev == makedev(NULL_DEVICE_MAJOR, NULL_DEVICE_MINOR);
}

static void
check_descriptors(void)
{
	int fd;

	for (fd = 0; fd <= 1; fd++) {
		int flags = fcntl(fd, F_GETFL);

		if (flags < 0 || is_filled_in(fd, flags))
			_exit(QUEUE_READ_ERROR);
	}
	os_close_from(3);
}

/* Give up, leaving nothing behind. */
static _Noreturn void
fail(struct intake *in, enum queue_exit why)
{
	intake_abandon(in);
	_exit((int)why);
}

static void
check(struct intake *in, enum queue_exit result)
{
	if (result != QUEUE_OK)
		fail(in, result);
}

/* Who handed the message in, by real uid.  The queue's own user has no name here: in a rootless
 * instance everybody has that uid. */
static enum queue_exit
append_invoker(struct str *out, uid_t uid)
{
	static const char *const names[] = { "alias", "qmaild", "qmails" };
	static const char *const texts[] = { "by alias", "from network", "for bounce" };
	enum answer known = ANSWER_NO;
	size_t which = 0;

	if (uid != geteuid())
		known = ids_which(uid, names, sizeof names / sizeof *names, &which);
	if (known == ANSWER_ERROR)
		return QUEUE_NO_IDS;
	if (known == ANSWER_YES) {
		str_append_text(out, texts[which]);
		return QUEUE_OK;
	}
	str_append_text(out, "by uid ");
	fmt_u64(out, uid);
	return QUEUE_OK;
}

static enum queue_exit
append_received(struct str *out, int64_t now)
{
	enum queue_exit result;

	str_append_text(out, "Received: (qmail ");
	fmt_u64(out, (uint64_t)getpid());
	str_append_text(out, " invoked ");
	result = append_invoker(out, getuid());
	str_append_text(out, "); ");
	date_format(out, now);
	str_append_byte(out, '\n');
	return result;
}

/* Descriptor 0 to its end, behind what is in the buffer.  That is filled before it is written: a
 * write to a file costs more than a read from a pipe. */
static void
copy_message(struct intake *in, struct str *buffer)
{
	ssize_t got;

	do {
		got = fd_read(0, buffer->at + buffer->len, BUFFER - buffer->len);
		if (got < 0)
			fail(in, QUEUE_READ_ERROR);
		buffer->len += (size_t)got;
		if (buffer->len == BUFFER || got == 0) {
			check(in, intake_message(in, str_view(buffer)));
			buffer->len = 0;
		}
	} while (got > 0);
}

/* Descriptor 1 until its last NUL, behind what is in the buffer.  The message is synced once the
 * envelope has begun: a client that disconnects in DATA ends here without one, and costs no disk
 * flush. */
static void
copy_envelope(struct intake *in, struct str *buffer)
{
	struct envelope envelope = { 0 };
	size_t accepted;

	while (envelope.status == ENVELOPE_MORE) {
		char *next = buffer->at + buffer->len;
		ssize_t got = fd_read(1, next, BUFFER - buffer->len);

		if (got <= 0)
			fail(in, QUEUE_READ_ERROR);
		envelope_feed(&envelope, (struct view) { next, (size_t)got }, &accepted);
		check(in, envelope_exit(envelope.status));
		if (!in->has_intd)
			check(in, intake_message_end(in));
		buffer->len += accepted;
		check(in, intake_envelope(in, str_view(buffer)));
		buffer->len = 0;
	}
}

/* The records in front of the envelope: who and which process. */
static void
append_origin(struct str *out)
{
	str_append_byte(out, 'u');
	fmt_u64(out, getuid());
	str_append(out, VIEW("\0p"));
	fmt_u64(out, (uint64_t)getpid());
	str_append_byte(out, '\0');
}

/* Tell qmail-send.  When nobody listens it finds the message at its next scan. */
static void
pull_trigger(const struct layout *layout)
{
	int fd = openat(layout->fd, "lock/trigger", O_WRONLY | O_NONBLOCK | O_CLOEXEC);

	if (fd >= 0)
		(void)!fd_write(fd, "", 1);
}

static void
take_message(const struct layout *layout, int64_t give_up_ms)
{
	/* All memory there is: what goes in front of message and envelope is much shorter. */
	struct str buffer = { .at = mem_pages(BUFFER), .size = BUFFER };
	struct restrict_plan plan = intake_plan(layout);
	struct intake in = { .layout = layout };
	int64_t now = os_realtime_ms() / 1000;

	check(&in, append_received(&buffer, now));
	if (os_restrict(&plan, NULL) < 0)
		fail(&in, errno == ENOMEM ? QUEUE_NO_MEMORY : QUEUE_NO_PID);
	check(&in, intake_begin(&in, layout, getpid(), now, give_up_ms));
	copy_message(&in, &buffer);
	append_origin(&buffer);
	copy_envelope(&in, &buffer);
	check(&in, intake_commit(&in));
}

int
main(void)
{
	int64_t give_up_ms = os_boottime_ms() + DEATH * INT64_C(1000);
	struct layout layout;

	/* Trust nothing that was inherited: mode mask, signals, timers, limits, descriptors. */
	umask(MODE_MASK);
	set_signals();
	alarm(DEATH);
	os_no_core();
	check_descriptors();
	program_start(out_of_memory);

	if (program_enter_home() < 0)
		return QUEUE_NO_HOME;
	if (layout_open(&layout, "queue") < 0)
		return QUEUE_NO_QUEUE;
	take_message(&layout, give_up_ms);
	pull_trigger(&layout);
	return QUEUE_OK;
}
