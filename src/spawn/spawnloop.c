#include "spawn/spawnloop.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "config/control.h"
#include "config/ids.h"
#include "lib/fd.h"
#include "lib/heard.h"
#include "lib/mem.h"
#include "os/signals.h"

/* One delivery: free, or the pool's (no pid), or waiting for its child's output to end and for the
 * child to die. */
struct slot {
	bool used, dead;
	pid_t pid;
	int output_fd; /* -1 after EOF */
	int wait_status;
	struct str output;
};

struct spawnloop {
	const struct spawnloop_kind *kind;
	const struct spawnloop_settings *settings;
	struct slot *slots;
	size_t slot_count;
	size_t used_count;
	struct pollfd *polled; /* signals, commands, one for each slot, then the pool's */
	struct pollfd *opened; /* those of them that have a descriptor */
	size_t pool_waits;
	struct spawncommand_parser parser;
	bool eof; /* of descriptor 0 */
	int signal_fd;
};

int
spawnloop_settings_read(struct spawnloop_settings *out, const char *self)
{
	uid_t own = geteuid(), user;
	uint64_t width = 1;

	if (control_number("control/spawnwidth", &width, NULL) == ANSWER_ERROR)
		return -1;
	out->width = width == 2 ? 2 : 1;
	out->owner = own;
	if (own != 0 && (ids_user(self, &user) != ANSWER_YES || user != own))
		return 0;
	return ids_user("qmailq", &out->owner) == ANSWER_YES ? 0 : -1;
}

/* One report in one write.  When qmail-send is gone nobody reads it, and the children that still run
 * are awaited all the same. */
static void
send_report(struct spawnloop *loop, unsigned delnum, struct view text)
{
	struct str frame = { 0 };
	size_t i;

	str_append_byte(&frame, (char)(delnum & 0xff));
	if (loop->settings->width == 2)
		str_append_byte(&frame, (char)(delnum >> 8));
	for (i = 0; i < text.len; i++)
		if (text.at[i] != '\0')
			str_append_byte(&frame, text.at[i]);
	str_append_byte(&frame, '\0');
	fd_write_all(1, str_view(&frame));
	str_free(&frame);
}

static const char *
delnum_fault(const struct spawnloop *loop, unsigned delnum)
{
	if (delnum >= loop->slot_count)
		return "ZInternal error: delnum too big. (#4.3.5)\n";
	if (loop->slots[delnum].used)
		return "ZInternal error: delnum in use. (#4.3.5)\n";
	return NULL;
}

/* The message's descriptor; or -1 with the report in *fault. */
static int
open_message(const struct spawnloop *loop, const char *messid, const char **fault)
{
	struct stat st;
	/* O_NONBLOCK: a FIFO planted in the queue must not stop us. */
	int fd = open(messid, O_RDONLY | O_NONBLOCK | O_CLOEXEC);

	if (fd < 0) {
		*fault = "Zqmail-spawn unable to open message. (#4.3.0)\n";
		return -1;
	}
	if (fstat(fd, &st) < 0)
		*fault = "Zqmail-spawn unable to fstat message. (#4.3.0)\n";
	else if (!S_ISREG(st.st_mode))
		*fault = "ZSorry, message has wrong type. (#4.3.5)\n";
	else if (st.st_uid != loop->settings->owner)
		*fault = "ZSorry, message has wrong owner. (#4.3.5)\n";
	else
		return fd;
	fd_close(&fd);
	return -1;
}

static void
take_slot(struct spawnloop *loop, unsigned delnum, pid_t pid, int output_fd)
{
	struct slot *slot = &loop->slots[delnum];

	*slot = (struct slot) {
		.used = true, .pid = pid, .output_fd = output_fd, .output = slot->output
	};
	loop->used_count++;
}

static void
free_slot(struct spawnloop *loop, unsigned delnum)
{
	loop->slots[delnum].used = false;
	loop->used_count--;
}

static void
start_child(struct spawnloop *loop, const struct spawncommand *command, int message)
{
	struct str refusal = { 0 };
	int ends[2];
	pid_t pid;

	if (fd_pipe(ends) < 0) {
		send_report(loop, command->delnum,
		    VIEW("Zqmail-spawn unable to create pipe. (#4.3.0)\n"));
		return;
	}
	pid = loop->kind->start(loop->kind->context, command, message, ends[1], &refusal);
	fd_close(&ends[1]);
	if (pid < 0) {
		send_report(loop, command->delnum, str_view(&refusal));
		fd_close(&ends[0]);
	} else {
		fd_set_blocking(ends[0], 0);
		take_slot(loop, command->delnum, pid, ends[0]);
	}
	str_free(&refusal);
}

static bool
pool_takes(struct spawnloop *loop, const struct spawncommand *command, int message)
{
	const struct spawnloop_kind *kind = loop->kind;

	if (!kind->pool || !kind->pool->take(kind->context, command, message))
		return false;
	take_slot(loop, command->delnum, -1, -1);
	return true;
}

void
spawnloop_report(struct spawnloop *loop, unsigned delnum, struct view text)
{
	free_slot(loop, delnum);
	send_report(loop, delnum, text);
}

void
spawnloop_child(struct spawnloop *loop, const struct spawncommand *command, int message)
{
	free_slot(loop, command->delnum);
	start_child(loop, command, message);
}

size_t
spawnloop_slots(const struct spawnloop *loop)
{
	return loop->slot_count;
}

static void
obey(struct spawnloop *loop, const struct spawncommand *command)
{
	const char *fault = delnum_fault(loop, command->delnum);
	int message = -1;

	if (!heard(1)) /* its message may be another one by now */
		return;
	if (!fault)
		fault = spawncommand_fault(command);
	if (!fault)
		message = open_message(loop, str_text(&command->messid), &fault);
	if (message < 0) {
		send_report(loop, command->delnum, view_of(fault));
		return;
	}
	if (pool_takes(loop, command, message))
		return;
	start_child(loop, command, message);
	fd_close(&message);
}

static void
read_commands(struct spawnloop *loop)
{
	char buffer[65536]; /* recipients that go together are read together */
	ssize_t got = fd_read(0, buffer, sizeof buffer);
	struct view input = { buffer, got > 0 ? (size_t)got : 0 };

	if (got < 0 && errno == EAGAIN)
		return;
	if (got <= 0)
		loop->eof = true;
	while (spawncommand_next(&loop->parser, &input))
		obey(loop, &loop->parser.command);
}

static void
read_output(struct spawnloop *loop, struct slot *slot)
{
	char buffer[4096];
	ssize_t got = fd_read(slot->output_fd, buffer, sizeof buffer);

	if (got < 0 && errno == EAGAIN)
		return;
	if (got <= 0) {
		fd_close(&slot->output_fd);
		return;
	}
	if (slot->output.len < loop->kind->output_max)
		str_append(&slot->output,
		    view_first((struct view) { buffer, (size_t)got },
			loop->kind->output_max - slot->output.len));
}

static void
reap(struct spawnloop *loop)
{
	int status;
	pid_t pid;
	size_t i;

	while (os_signal_next(loop->signal_fd))
		continue;
	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		for (i = 0; i < loop->slot_count; i++)
			if (loop->slots[i].used && !loop->slots[i].dead &&
			    loop->slots[i].pid == pid) {
				loop->slots[i].dead = true;
				loop->slots[i].wait_status = status;
			}
}

/* The report needs both: the output whole, and the child's verdict. */
static void
finish(struct spawnloop *loop, unsigned delnum)
{
	struct slot *slot = &loop->slots[delnum];
	struct str report = { 0 };

	loop->kind->report(
	    loop->kind->context, slot->wait_status, str_view(&slot->output), &report);
	str_free(&slot->output);
	free_slot(loop, delnum);
	send_report(loop, delnum, str_view(&report));
	str_free(&report);
}

/* poll(2) takes no more entries than descriptors may be open, and `ulimit -n` may allow few. */
static int
poll_opened(struct spawnloop *loop, size_t count, struct deadline until)
{
	size_t i, n = 0;
	int ready;

	for (i = 0; i < count; i++)
		if (loop->polled[i].fd >= 0)
			loop->opened[n++] = loop->polled[i];
	do
		ready = poll(loop->opened, n, deadline_left_ms(until));
	while (ready < 0 && errno == EINTR);
	for (i = count; i-- > 0;)
		if (loop->polled[i].fd >= 0)
			loop->polled[i] = loop->opened[--n];
	return ready;
}

static int
wait_for_events(struct spawnloop *loop)
{
	struct deadline until = deadline_never();
	const struct spawnloop_kind *kind = loop->kind;
	size_t i, own = loop->slot_count + 2;

	loop->polled[0] = (struct pollfd) { loop->signal_fd, POLLIN, 0 };
	loop->polled[1] = (struct pollfd) { loop->eof ? -1 : 0, POLLIN, 0 };
	for (i = 0; i < loop->slot_count; i++) {
		const struct slot *slot = &loop->slots[i];

		loop->polled[i + 2] =
		    (struct pollfd) { slot->used ? slot->output_fd : -1, POLLIN, 0 };
	}
	loop->pool_waits =
	    kind->pool ? kind->pool->wait(kind->context, loop->polled + own, &until) : 0;
	return poll_opened(loop, own + loop->pool_waits, until);
}

static void
serve_events(struct spawnloop *loop)
{
	unsigned i;

	if (loop->polled[0].revents)
		reap(loop);
	for (i = 0; i < loop->slot_count; i++) {
		struct slot *slot = &loop->slots[i];

		if (loop->polled[i + 2].revents)
			read_output(loop, slot);
		if (slot->used && slot->dead && slot->output_fd < 0)
			finish(loop, i);
	}
	/* Last, so that a slot which just became free may be taken again. */
	if (loop->polled[1].revents)
		read_commands(loop);
	if (loop->kind->pool)
		loop->kind->pool->work(loop->kind->context, loop,
		    loop->polled + loop->slot_count + 2, loop->pool_waits, loop->eof);
}

static int
greet(const struct spawnloop *loop)
{
	char greeting[2] = { (char)(loop->slot_count & 0xff),
		(char)(loop->slot_count >> 8) };

	/* One write: qmail-send tells the width by one read (queue 0). */
	return fd_write_all(1, (struct view) { greeting, loop->settings->width });
}

int
spawnloop_run(
    const struct spawnloop_kind *kind, const struct spawnloop_settings *settings)
{
	struct spawnloop loop = { .kind = kind, .settings = settings };
	static const int signals[] = { SIGCHLD, 0 };
	size_t waits;
	int result = 0;

	loop.slot_count =
	    settings->width == 2 ? SPAWNCOMMAND_SLOTS_WIDE : SPAWNCOMMAND_SLOTS;
	loop.signal_fd = os_signal_fd(signals);
	if (loop.signal_fd < 0)
		return -1;
	loop.slots = mem_alloc_zeroed(loop.slot_count, sizeof *loop.slots);
	waits = loop.slot_count + 2 + (kind->pool ? kind->pool->waits_max : 0);
	loop.polled = mem_alloc_zeroed(waits, sizeof *loop.polled);
	loop.opened = mem_alloc_zeroed(waits, sizeof *loop.opened);
	spawncommand_init(&loop.parser, settings->width);
	if (greet(&loop) < 0)
		result = -1;
	while (result == 0 && (!loop.eof || loop.used_count > 0))
		if (wait_for_events(&loop) < 0)
			result = -1;
		else
			serve_events(&loop);
	spawncommand_free(&loop.parser);
	mem_free(loop.opened);
	mem_free(loop.polled);
	mem_free(loop.slots);
	fd_close(&loop.signal_fd);
	return result;
}
