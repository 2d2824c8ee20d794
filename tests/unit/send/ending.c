/* ending: how much of a message with very many recipients is ended in one turn. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "lib/fd.h"
#include "lib/fmt.h"
#include "lib/mem.h"
#include "lib/str.h"
#include "send/ending.h"

enum { MESSAGE = 7, RECIPIENTS = 3 * ENDING_RECORDS + 100, FILE_MAX = 1 << 24 };

static struct manager *m;

/* So many recipients of RECIPIENTS that every one has its own address. */
static void
make_file(const char *path)
{
	struct str text = { 0 };
	uint64_t i;
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	for (i = 0; i < RECIPIENTS; i++) {
		str_append_byte(&text, 'T');
		fmt_u64(&text, i);
		str_append(&text, VIEW("@example.org\0"));
	}
	assert_int_equal(fd_write_all(fd, str_view(&text)), 0);
	close(fd);
	str_free(&text);
}

/* How often `text` is in the file; 0 where it is gone. */
static size_t
count(const char *path, struct view text)
{
	struct str bytes = { 0 };
	int fd = open(path, O_RDONLY);
	size_t i, found = 0;

	if (fd >= 0)
		assert_int_equal(fd_read_all(fd, &bytes, FILE_MAX), 0);
	for (i = 0; i < bytes.len; i++)
		found += view_starts(view_from(str_view(&bytes), i), text);
	fd_close(&fd);
	str_free(&bytes);
	return found;
}

static size_t
left(void)
{
	return count("remote/0/7", VIEW("T"));
}

static uint32_t
make_message(void)
{
	uint32_t index = messages_add(&m->messages, MESSAGE, 1);

	make_file("remote/0/7");
	messages_at(&m->messages, index)->channels[CHANNEL_REMOTE].place =
	    MESSAGE_WAITING;
	return index;
}

static void
end_message(uint32_t index)
{
	assert_int_equal(access("remote/0/7", F_OK), -1);
	assert_int_equal(duequeue_first(&m->finished)->id, MESSAGE);
	duequeue_drop_first(&m->finished);
	assert_null(duequeue_first(&m->finished));
	assert_false(messages_at(&m->messages, index)->held);
	messages_remove(&m->messages, index);
}

static void
removal_takes_its_turns(void **state)
{
	uint32_t index = make_message();
	size_t before = RECIPIENTS, turns = 0;
	enum ending_step step;
	struct ending *e;

	(void)state;
	assert_int_equal(left(), RECIPIENTS);
	e = ending_begin(m, MESSAGE, NULL);
	assert_non_null(e);
	assert_int_equal(left(), RECIPIENTS);
	assert_true(messages_at(&m->messages, index)->held);
	assert_null(ending_begin(m, MESSAGE, NULL));
	while ((step = ending_go_on(m, e)) == ENDING_MORE) {
		size_t now = left();

		assert_true(before - now <= ENDING_RECORDS);
		before = now;
		turns++;
	}
	assert_int_equal(step, ENDING_DONE);
	assert_true(turns > RECIPIENTS / ENDING_RECORDS);
	ending_free(e);
	end_message(index);
}

static void
so_does_return(void **state)
{
	struct view reason = VIEW("Not wanted.\n");
	uint32_t index = make_message();
	size_t before = RECIPIENTS;
	enum ending_step step;
	struct ending *e = ending_begin(m, MESSAGE, &reason);

	(void)state;
	assert_non_null(e);
	while ((step = ending_go_on(m, e)) == ENDING_MORE) {
		size_t now = left();

		assert_true(before - now <= ENDING_RECORDS);
		assert_int_equal(
		    count("bounce/7", VIEW(">:\nNot wanted.\n\n")), RECIPIENTS - now);
		before = now;
	}
	assert_int_equal(step, ENDING_DONE);
	assert_int_equal(count("bounce/7", VIEW(">:\nNot wanted.\n\n")), RECIPIENTS);
	ending_free(e);
	end_message(index);
	assert_int_equal(unlink("bounce/7"), 0);
}

/* The message came to its end meanwhile, and its number is used again. */
static void
another_message_is_left_alone(void **state)
{
	uint32_t index = make_message();
	struct ending *e = ending_begin(m, MESSAGE, NULL);

	(void)state;
	assert_int_equal(ending_go_on(m, e), ENDING_MORE);
	messages_remove(&m->messages, index);
	index = make_message();
	assert_int_equal(ending_go_on(m, e), ENDING_DONE);
	assert_int_equal(left(), RECIPIENTS);
	assert_false(messages_at(&m->messages, index)->held);
	ending_free(e);
	messages_remove(&m->messages, index);
	assert_int_equal(unlink("remote/0/7"), 0);
}

/* Of a delivery that runs the report decides; then its file is looked at again. */
static void
what_runs_is_spared(void **state)
{
	struct job_recipient recipient = { .offset = 0 };
	struct job job = { .id = MESSAGE, .kind = CHANNEL_REMOTE };
	struct delivery delivery = { .job = &job, .recipient = &recipient };
	struct channel *c = &m->channels[CHANNEL_REMOTE];
	struct view reason = VIEW("Not wanted.\n");
	uint32_t index = make_message();
	struct message_channel *place =
	    &messages_at(&m->messages, index)->channels[CHANNEL_REMOTE];
	enum ending_step step;
	struct ending *e;

	(void)state;
	c->spawner.slots = 1;
	c->deliveries = &delivery;
	place->place = MESSAGE_ACTIVE;
	e = ending_begin(m, MESSAGE, &reason);
	assert_true(job.dying);
	assert_int_equal(ending_go_on(m, e), ENDING_MORE); /* nothing is local */
	assert_int_equal(ending_go_on(m, e), ENDING_MORE);
	delivery.job = NULL; /* a report came that could not be noted */
	place->place = MESSAGE_WAITING;
	while ((step = ending_go_on(m, e)) == ENDING_MORE)
		continue;
	assert_int_equal(step, ENDING_DONE);
	assert_int_equal(left(), 1);
	assert_int_equal(place->place, MESSAGE_WAITING);
	assert_non_null(duequeue_first(&c->due));
	assert_null(duequeue_first(&m->finished));
	ending_free(e);
	c->deliveries = NULL;
	c->spawner.slots = 0;
	messages_remove(&m->messages, index);
	unlink("remote/0/7");
	unlink("bounce/7");
}

static int
begin(void **state)
{
	static char home[] = "/tmp/qferry-ending.XXXXXX";
	static const char *const dirs[] = { "bounce", "local", "local/0", "remote",
		"remote/0" };
	size_t i;

	if (!mkdtemp(home) || chdir(home) < 0)
		return -1;
	for (i = 0; i < sizeof dirs / sizeof *dirs; i++)
		if (mkdir(dirs[i], 0700) < 0)
			return -1;
	*state = home;
	m = mem_alloc_zeroed(1, sizeof *m);
	m->now = 1000;
	m->layout.split = 1;
	m->layout.fd = open(".", O_RDONLY | O_DIRECTORY);
	m->mutex_fd = m->signal_fd = -1;
	return m->layout.fd < 0 ? -1 : 0;
}

static int
end(void **state)
{
	close(m->layout.fd);
	messages_free(&m->messages);
	duequeue_free(&m->finished);
	duequeue_free(&m->channels[CHANNEL_REMOTE].due);
	mem_free(m);
	rmdir("bounce");
	rmdir("local/0");
	rmdir("local");
	rmdir("remote/0");
	rmdir("remote");
	return rmdir(*state);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(removal_takes_its_turns),
		cmocka_unit_test(so_does_return),
		cmocka_unit_test(another_message_is_left_alone),
		cmocka_unit_test(what_runs_is_spared),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
