/* The part of bounce.h that hands a bounce to qmail-queue, in a child. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/fd.h"
#include "lib/fmt.h"
#include "lib/scan.h"
#include "lib/spawn.h"
#include "os/os.h"
#include "os/signals.h"
#include "queue/submit.h"
#include "send/bounce.h"
#include "send/bouncetail.h"
#include "send/bouncewrite.h"
#include "send/verp.h"

enum {
	RESULT_MAX = 64, /* octets of what the child says: a letter and a number */
	/* In the child: everything above is closed, and so are qmail-send's pipes. */
	RESULT_FD = 3,
	MESSAGE_FD,
	FAILURES_FD,
	FIRST_CLOSED_FD,
	OUT_OF_THE_WAY_FD = 16,
};

enum result_letter {
	SAYS_SENT = 'K',
	SAYS_NOT_STARTED = 'S',
	SAYS_REFUSED = 'Z',
	SAYS_NEVER = 'D',
};

static enum result_letter
submit_bounce(const struct bounce *b, enum bounce_form form, pid_t *qp, bool *permanent)
{
	struct submit s;
	struct submit_verdict verdict = { 0 };
	enum submit_class class;

	if (submit_open(&s, NULL) < 0)
		return SAYS_NOT_STARTED;
	*qp = s.pid;
	bouncewrite(b, form, &s);
	submit_sender(&s, b->kind == BOUNCE_DOUBLE ? VIEW("#@[]") : VIEW(""));
	submit_recipient(&s, str_view(&b->recipient));
	submit_close(&s, &verdict);
	class = verdict.class;
	*permanent = class == SUBMIT_PERMANENT;
	submit_verdict_free(&verdict);
	return class == SUBMIT_OK ? SAYS_SENT : SAYS_REFUSED;
}

static void
settle_recipient(struct bounce *b)
{
	if (b->kind == BOUNCE_DOUBLE) {
		str_append(&b->recipient, str_view(&b->settings->doublebounceto));
		str_append_byte(&b->recipient, '@');
		str_append(&b->recipient, str_view(&b->settings->doublebouncehost));
		return;
	}
	b->sender = verp_bounce_recipient(b->sender);
	str_append(&b->recipient, b->sender);
}

static _Noreturn void
say(enum result_letter letter, pid_t qp)
{
	struct str text = { 0 };

	str_append_byte(&text, (char)letter);
	fmt_u64(&text, (uint64_t)qp);
	fd_write_all(RESULT_FD, str_view(&text));
	_exit(0);
}

/* Whoever outlives a killed qmail-send must hold neither its lock nor its pipes. */
static void
let_go_of_parent(int result_fd, const struct bounce *b)
{
	int fds[] = { result_fd, b->message_fd, b->failures_fd };
	enum { COUNT = sizeof fds / sizeof *fds };
	int i, null;

	os_signals_unblock();
	for (i = 0; i < COUNT; i++)
		if ((fds[i] = fcntl(fds[i], F_DUPFD, OUT_OF_THE_WAY_FD)) < 0)
			_exit(1);
	if ((null = open("/dev/null", O_RDWR)) < 0)
		_exit(1);
	for (i = 0; i < RESULT_FD; i++)
		dup2(null, i);
	for (i = 0; i < COUNT; i++)
		dup2(fds[i], RESULT_FD + i);
	os_close_from(FIRST_CLOSED_FD);
	for (i = 0; i < COUNT; i++)
		fd_set_cloexec(RESULT_FD + i);
}

static _Noreturn void
inject(struct bounce *b, int result_fd)
{
	enum bounce_form form = BOUNCE_WHOLE;
	bool permanent = false;
	enum result_letter letter;
	pid_t qp = 0;

	let_go_of_parent(result_fd, b);
	b->message_fd = MESSAGE_FD;
	b->failures_fd = FAILURES_FD;
	settle_recipient(b);
	/* A filter that refuses the message itself would refuse it for ever. */
	do
		letter = submit_bounce(b, form++, &qp, &permanent);
	while (letter == SAYS_REFUSED && permanent && form < BOUNCE_FORMS);
	if (letter == SAYS_REFUSED && permanent)
		letter = SAYS_NEVER;
	say(letter, qp);
}

/* A child that outlives us may read them when these names are another message's.  While it has mess/N open,
 * its number is not even used again. */
static int
open_files(const struct layout *layout, uint64_t id, struct bounce *b)
{
	int64_t size;

	b->message_fd = layout_open_file(layout, LAYOUT_MESS, id);
	if (b->message_fd < 0)
		return -1;
	b->failures_fd = layout_open_file(layout, LAYOUT_BOUNCE, id);
	if (b->failures_fd < 0)
		return -1;
	size = bouncetail_whole(b->failures_fd);
	b->failures = size > 0 ? (uint64_t)size : 0;
	return size > 0 ? 0 : -1;
}

static pid_t
start_child(struct bounce *b, int *result_fd)
{
	int ends[2];
	pid_t pid;

	if (fd_pipe(ends) < 0)
		return -1;
	pid = fork();
	if (pid == 0)
		inject(b, ends[1]);
	fd_close(&ends[1]);
	if (pid < 0)
		fd_close(&ends[0]);
	else
		*result_fd = ends[0];
	return pid;
}

pid_t
bounce_send(const struct layout *layout, const struct sendsettings *settings, uint64_t id,
    const struct messageinfo *info, int64_t now, int *result_fd)
{
	struct bounce b = { .settings = settings,
		.message_fd = -1,
		.failures_fd = -1,
		.sender = str_view(&info->sender),
		.birth = info->birth,
		.now = now };
	pid_t pid = -1;

	b.kind = bouncetext_kind(b.sender);
	if (open_files(layout, id, &b) == 0)
		pid = start_child(&b, result_fd);
	fd_close(&b.message_fd);
	fd_close(&b.failures_fd);
	return pid;
}

enum bounce_sent
bounce_result(pid_t pid, int *result_fd, uint64_t *qp)
{
	struct str text = { 0 };
	enum bounce_sent result = BOUNCE_REFUSED;
	int status;

	fd_read_all(*result_fd, &text, RESULT_MAX);
	fd_close(result_fd);
	spawn_wait(pid, deadline_never(), &status);
	if (text.len > 0 && text.at[0] == SAYS_SENT)
		result = BOUNCE_SENT;
	if (text.len > 0 && text.at[0] == SAYS_NOT_STARTED)
		result = BOUNCE_NOT_STARTED;
	if (text.len > 0 && text.at[0] == SAYS_NEVER)
		result = BOUNCE_REFUSED_FOR_GOOD;
	*qp = 0;
	scan_u64(view_from(str_view(&text), 1), qp);
	str_free(&text);
	return result;
}
