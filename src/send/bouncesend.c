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
#include "send/bouncewrite.h"
#include "send/verp.h"

enum {
	RESULT_MAX = 64, /* octets of what the child says: a letter and a number */
	RESULT_FD =
	    3, /* in the child: everything above is closed, and so are qmail-send's pipes */
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
let_go_of_parent(struct layout *queue, int result_fd)
{
	int null;

	os_signals_unblock();
	result_fd = fcntl(result_fd, F_DUPFD, 16);
	queue->fd = fcntl(queue->fd, F_DUPFD, 16);
	if (result_fd < 0 || queue->fd < 0 || (null = open("/dev/null", O_RDWR)) < 0)
		_exit(1);
	dup2(null, 0);
	dup2(null, 1);
	dup2(null, 2);
	dup2(result_fd, RESULT_FD);
	dup2(queue->fd, RESULT_FD + 1);
	queue->fd = RESULT_FD + 1;
	os_close_from(RESULT_FD + 2);
	fd_set_cloexec(RESULT_FD);
	fd_set_cloexec(queue->fd);
}

static _Noreturn void
inject(struct bounce *b, struct layout *queue, int result_fd)
{
	enum bounce_form form = BOUNCE_WHOLE;
	bool permanent = false;
	enum result_letter letter;
	pid_t qp = 0;

	let_go_of_parent(queue, result_fd);
	b->layout = queue;
	settle_recipient(b);
	/* A filter that refuses the message itself would refuse it for ever. */
	do
		letter = submit_bounce(b, form++, &qp, &permanent);
	while (letter == SAYS_REFUSED && permanent && form < BOUNCE_FORMS);
	if (letter == SAYS_REFUSED && permanent)
		letter = SAYS_NEVER;
	say(letter, qp);
}

pid_t
bounce_send(const struct layout *layout, const struct sendsettings *settings, uint64_t id,
    const struct messageinfo *info, int64_t now, int *result_fd)
{
	struct layout queue = *layout;
	struct bounce b = { .settings = settings,
		.id = id,
		.sender = str_view(&info->sender),
		.birth = info->birth,
		.now = now };
	int ends[2];
	pid_t pid;

	b.kind = bouncetext_kind(b.sender);
	if (fd_pipe(ends) < 0)
		return -1;
	pid = fork();
	if (pid == 0)
		inject(&b, &queue, ends[1]);
	fd_close(&ends[1]);
	if (pid < 0) {
		fd_close(&ends[0]);
		return -1;
	}
	*result_fd = ends[0];
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
