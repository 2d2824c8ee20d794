/* reader, writer: lines however the input is cut, flushing only before a wait, errors that stick. */
#include <errno.h>
#include <signal.h>
#include <sys/socket.h>

#include "lib/reader.h"
#include "lib/writer.h"
#include "unit/unit.h"

enum { SMALL = 4 };

struct ends {
	int read, write;
};

static struct ends
open_pipe(void)
{
	int ends[2];

	assert_int_equal(fd_pipe(ends), 0);
	return (struct ends) { ends[0], ends[1] };
}

static void
close_pipe(struct ends *p)
{
	fd_close(&p->read);
	fd_close(&p->write);
}

/* Read the line that is expected, in a buffer of `size` bytes. */
static void
check_line(struct reader *r, struct view expected)
{
	struct str line = { 0 };

	assert_int_equal(reader_line(r, &line, 100), READER_OK);
	assert_view_equal(str_view(&line), expected);
	str_free(&line);
}

static void
lines_do_not_depend_on_the_buffer(void **state)
{
	char buffer[64];
	size_t size;

	(void)state;
	for (size = 1; size < sizeof buffer; size++) {
		struct ends p = open_pipe();
		struct str line = { 0 };
		struct reader r;

		assert_int_equal(fd_write_all(p.write, BYTES("one\r\n\n\0two\nlast")), 0);
		fd_close(&p.write);
		reader_init(&r, p.read, buffer, size, 20000, NULL);
		check_line(&r, BYTES("one\r\n"));
		check_line(&r, BYTES("\n"));
		check_line(&r, BYTES("\0two\n"));
		assert_int_equal(reader_line(&r, &line, 100), READER_EOF);
		assert_string_equal(str_text(&line), "last");
		assert_int_equal(reader_line(&r, &line, 100), READER_EOF);
		str_free(&line);
		close_pipe(&p);
	}
}

/* However it arrives, a line that is too long begins as it began: what it was decides. */
static void
a_line_at_the_limit_and_one_past_it(void **state)
{
	char buffer[64];

	(void)state;
	for (size_t size = 1; size <= sizeof buffer; size++) {
		struct ends p = open_pipe();
		struct str line = { 0 };
		struct reader r;

		assert_int_equal(
		    fd_write_all(p.write, VIEW("123456789\n1234567890\nnext\n")), 0);
		reader_init(&r, p.read, buffer, size, 20000, NULL);
		assert_int_equal(reader_line(&r, &line, 10), READER_OK);
		assert_string_equal(str_text(&line), "123456789\n");
		str_clear(&line);
		assert_int_equal(reader_line(&r, &line, 10), READER_TOO_LONG);
		assert_string_equal(str_text(&line), "1234567890");
		str_clear(&line);
		assert_int_equal(reader_line(&r, &line, 10), READER_OK);
		assert_string_equal(str_text(&line), "next\n");
		str_free(&line);
		close_pipe(&p);
	}
}

static void
buffered_bytes_can_be_skipped_and_dropped(void **state)
{
	char buffer[16];
	struct ends p = open_pipe();
	struct reader r;

	(void)state;
	assert_int_equal(fd_write_all(p.write, VIEW("abcdef")), 0);
	reader_init(&r, p.read, buffer, sizeof buffer, 20000, NULL);
	assert_int_equal(reader_buffered(&r).len, 0);
	assert_int_equal(reader_fill(&r), READER_OK);
	reader_skip(&r, 2);
	assert_view_equal(reader_buffered(&r), VIEW("cdef"));
	assert_int_equal(reader_fill(&r), READER_OK);
	assert_int_equal(reader_discard(&r), 4);
	assert_int_equal(reader_discard(&r), 0);
	reader_skip(&r, 9);
	assert_int_equal(reader_buffered(&r).len, 0);
	close_pipe(&p);
}

/* Also what was there before something shorter came. */
static void
what_was_read_can_be_wiped(void **state)
{
	char buffer[16] = { 0 };
	struct ends p = open_pipe();
	struct reader r;

	(void)state;
	reader_init(&r, p.read, buffer, sizeof buffer, 20000, NULL);
	assert_int_equal(fd_write_all(p.write, VIEW("abcdef")), 0);
	assert_int_equal(reader_fill(&r), READER_OK);
	reader_skip(&r, 6);
	assert_int_equal(fd_write_all(p.write, VIEW("xyz")), 0);
	assert_int_equal(reader_fill(&r), READER_OK);
	reader_skip(&r, 1);
	reader_wipe(&r);
	assert_view_equal(reader_buffered(&r), VIEW("yz"));
	assert_memory_equal(buffer, "\0yz\0\0\0\0\0", 8);
	close_pipe(&p);
}

static void
silence_ends_in_a_timeout(void **state)
{
	char buffer[16];
	struct ends p = open_pipe();
	struct reader r;

	(void)state;
	reader_init(&r, p.read, buffer, sizeof buffer, 1, NULL);
	assert_int_equal(reader_fill(&r), READER_TIMEOUT);
	reader_init(&r, p.read, buffer, sizeof buffer, -1, NULL);
	r.deadline = deadline_in_ms(1);
	assert_int_equal(reader_fill(&r), READER_TIMEOUT);
	close_pipe(&p);
	reader_init(&r, -1, buffer, sizeof buffer, 1, NULL);
	r.fd = 1000; /* not open */
	assert_int_equal(reader_fill(&r), READER_ERROR);
}

static void
replies_leave_just_before_a_wait(void **state)
{
	char in[64], out[64], got[64];
	struct ends from = open_pipe(), to = open_pipe();
	struct writer w;
	struct reader r;

	(void)state;
	writer_init(&w, to.write, out, sizeof out, 20000);
	reader_init(&r, from.read, in, sizeof in, 1, &w);
	assert_int_equal(fd_write_all(from.write, VIEW("a\nb\n")), 0);
	check_line(&r, VIEW("a\n"));
	writer_text(&w, "250 a\r\n");
	check_line(&r, VIEW("b\n"));
	assert_int_equal(w.written, 0); /* b was there already: nothing has left */
	writer_text(&w, "250 b\r\n");
	assert_int_equal(reader_fill(&r), READER_TIMEOUT);
	assert_int_equal(fd_read(to.read, got, sizeof got), 14);
	assert_memory_equal(got, "250 a\r\n250 b\r\n", 14);
	close_pipe(&to);
	writer_text(&w, "x");
	assert_int_equal(reader_fill(&r), READER_WRITE_ERROR);
	close_pipe(&from);
}

static void
writes_of_every_size_arrive_whole(void **state)
{
	static const char text[] = "0123456789abcdef";
	char buffer[SMALL];
	struct ends p = open_pipe();
	struct str expected = { 0 }, got = { 0 };
	struct writer w;
	size_t len;

	(void)state;
	writer_init(&w, p.write, buffer, sizeof buffer, 20000);
	for (len = 0; len <= 16; len++) {
		writer_put(&w, (struct view) { text, len });
		str_append(&expected, (struct view) { text, len });
	}
	writer_put(&w, (struct view) { NULL, 0 });
	writer_byte(&w, '|');
	writer_u64(&w, UINT64_MAX);
	str_append_text(&expected, "|18446744073709551615");
	assert_int_equal(writer_flush(&w), 0);
	assert_int_equal(w.written, expected.len);
	fd_close(&p.write);
	assert_int_equal(fd_read_all(p.read, &got, 1000), 0);
	assert_view_equal(str_view(&got), str_view(&expected));
	str_free(&expected);
	str_free(&got);
	close_pipe(&p);
}

static void
an_error_sticks(void **state)
{
	char buffer[SMALL];
	struct ends p = open_pipe();
	struct writer w;

	(void)state;
	fd_close(&p.read);
	writer_init(&w, p.write, buffer, sizeof buffer, 20000);
	writer_text(&w, "longer than the buffer");
	assert_int_equal(w.error, EPIPE);
	writer_text(&w, "more");
	assert_int_equal(writer_flush(&w), -1);
	assert_int_equal(errno, EPIPE);
	assert_int_equal(writer_flush(&w), -1);
	close_pipe(&p);
}

static void
a_reader_that_sleeps_ends_in_a_timeout(void **state)
{
	static char block[4096];
	char buffer[SMALL];
	struct ends p = open_pipe();
	struct writer w;
	int i;

	(void)state;
	assert_int_equal(fd_set_blocking(p.write, 0), 0);
	writer_init(&w, p.write, buffer, sizeof buffer, 1);
	for (i = 0; i < 1000 && !w.error; i++)
		writer_put(&w, (struct view) { block, sizeof block });
	assert_int_equal(w.error, ETIMEDOUT);
	close_pipe(&p);
}

/* A pipe with room for a page only, and two pages to write: poll(2) says "writable", and a plain
 * write would block for ever. */
static void
a_timeout_holds_for_a_blocking_pipe_that_is_nearly_full(void **state)
{
	static char page[4096], buffer[2 * sizeof page];
	struct ends p = open_pipe();
	struct writer w;

	(void)state;
	assert_int_equal(fd_set_blocking(p.write, 0), 0);
	while (fd_write(p.write, page, sizeof page) == (ssize_t)sizeof page)
		continue;
	assert_int_equal(fd_set_blocking(p.write, 1), 0);
	assert_int_equal(fd_read(p.read, page, sizeof page), sizeof page);
	writer_init(&w, p.write, buffer, sizeof buffer, 1);
	writer_put(&w, (struct view) { page, sizeof page });
	writer_put(&w, (struct view) { page, sizeof page });
	assert_int_equal(writer_flush(&w), -1);
	assert_int_equal(w.error, ETIMEDOUT);
	assert_int_equal(w.written, sizeof page);
	close_pipe(&p);
}

/* The same for a socket that takes some of it. */
static void
a_timeout_holds_for_a_blocking_socket(void **state)
{
	static char octets[1024 * 1024], buffer[SMALL];
	int ends[2];
	struct writer w;

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
	writer_init(&w, ends[0], buffer, sizeof buffer, 1);
	writer_put(&w, (struct view) { octets, sizeof octets });
	assert_int_equal(w.error, ETIMEDOUT);
	assert_true(w.written > 0 && w.written < sizeof octets);
	fd_close(&ends[0]);
	fd_close(&ends[1]);
}

static void
a_wake_ends_a_wait(void **state)
{
	static char block[65536], out[8];
	struct ends wake = open_pipe(), in = open_pipe(), full = open_pipe();
	char buffer[16];
	struct reader r;
	struct writer w;

	(void)state;
	reader_init(&r, in.read, buffer, sizeof buffer, -1, NULL);
	writer_init(&w, full.write, out, sizeof out, 20000);
	r.wake_fd = w.wake_fd = wake.read;
	assert_int_equal(fd_write(in.write, "a", 1), 1);
	assert_int_equal(reader_fill(&r), READER_OK);
	reader_discard(&r);
	assert_int_equal(fd_write(wake.write, "", 1), 1);
	assert_int_equal(reader_fill(&r), READER_WOKEN);
	assert_int_equal(fd_write(in.write, "a", 1), 1);
	assert_int_equal(reader_fill(&r), READER_WOKEN);
	/* What there is room for is still written. */
	writer_put(&w, (struct view) { block, sizeof block });
	assert_int_equal(w.error, 0);
	writer_put(&w, (struct view) { block, sizeof block });
	assert_int_equal(w.error, ECANCELED);
	close_pipe(&wake);
	close_pipe(&in);
	close_pipe(&full);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_do_not_depend_on_the_buffer),
		cmocka_unit_test(a_line_at_the_limit_and_one_past_it),
		cmocka_unit_test(buffered_bytes_can_be_skipped_and_dropped),
		cmocka_unit_test(what_was_read_can_be_wiped),
		cmocka_unit_test(silence_ends_in_a_timeout),
		cmocka_unit_test(replies_leave_just_before_a_wait),
		cmocka_unit_test(writes_of_every_size_arrive_whole),
		cmocka_unit_test(an_error_sticks),
		cmocka_unit_test(a_reader_that_sleeps_ends_in_a_timeout),
		cmocka_unit_test(a_timeout_holds_for_a_blocking_pipe_that_is_nearly_full),
		cmocka_unit_test(a_timeout_holds_for_a_blocking_socket),
		cmocka_unit_test(a_wake_ends_a_wait),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
