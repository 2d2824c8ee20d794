/* fd: whole reads and writes, waiting, and the standard descriptors. */
#include <errno.h>
#include <sys/wait.h>

#include "unit/unit.h"

static void
a_file_up_to_a_limit(void **state)
{
	struct str out = { 0 };

	(void)state;
	unit_write_file("ten", VIEW("0123456789"));
	unit_write_file("empty", VIEW(""));
	str_append_text(&out, "x");
	assert_int_equal(fd_read_file("ten", &out, 10), 0);
	assert_string_equal(str_text(&out), "x0123456789");
	assert_int_equal(fd_read_file("empty", &out, 0), 0);
	assert_int_equal(fd_read_file("ten", &out, 9), -1);
	assert_int_equal(errno, EFBIG);
	assert_int_equal(fd_read_file("none", &out, 9), -1);
	assert_int_equal(errno, ENOENT);
	assert_int_equal(fd_read_file("control", &out, 9), -1);
	assert_int_equal(errno, EISDIR);
	str_free(&out);
}

static void
a_large_file(void **state)
{
	struct str in = { 0 }, out = { 0 };
	size_t i;

	(void)state;
	for (i = 0; i < 100000; i++)
		str_append_byte(&in, (char)(i * i));
	unit_write_file("large", str_view(&in));
	assert_int_equal(fd_read_file("large", &out, 100000), 0);
	assert_view_equal(str_view(&out), str_view(&in));
	str_free(&in);
	str_free(&out);
}

static void
waiting_for_a_pipe(void **state)
{
	int ends[2];

	(void)state;
	assert_int_equal(fd_pipe(ends), 0);
	assert_true(fcntl(ends[0], F_GETFD) & FD_CLOEXEC);
	assert_int_equal(fd_wait_readable(ends[0], deadline_in_ms(1)), -1);
	assert_int_equal(errno, ETIMEDOUT);
	assert_int_equal(fd_wait_writable(ends[1], deadline_never()), 0);
	assert_int_equal(fd_write_all(ends[1], VIEW("x")), 0);
	assert_int_equal(fd_wait_readable(ends[0], deadline_in(20)), 0);
	assert_int_equal(fd_set_blocking(ends[0], 0), 0);
	assert_true(fcntl(ends[0], F_GETFL) & O_NONBLOCK);
	assert_int_equal(fd_set_blocking(ends[0], 1), 0);
	assert_false(fcntl(ends[0], F_GETFL) & O_NONBLOCK);
	fd_close(&ends[1]);
	assert_int_equal(ends[1], -1);
	fd_close(&ends[1]);
	fd_close(&ends[0]);
	assert_int_equal(fd_set_blocking(-1, 1), -1);
	assert_int_equal(fd_set_cloexec(-1), -1);
}

static void
moving_a_descriptor(void **state)
{
	int ends[2];
	char c;

	(void)state;
	assert_int_equal(fd_pipe(ends), 0);
	assert_int_equal(fd_move(50, ends[1]), 0);
	assert_int_equal(fcntl(ends[1], F_GETFD), -1);
	assert_int_equal(fd_move(50, 50), 0);
	assert_int_equal(fd_write(50, "y", 1), 1);
	assert_int_equal(close(50), 0);
	assert_int_equal(fd_read(ends[0], &c, 1), 1);
	assert_int_equal(c, 'y');
	assert_int_equal(fd_read(ends[0], &c, 1), 0);
	assert_int_equal(close(ends[0]), 0);
	assert_int_equal(fd_move(50, -1), -1);
}

/* In a child without 0 and 2: the next file opened must not become either. */
static void
standard_descriptors_are_filled(void **state)
{
	int status = 0;
	pid_t pid = fork();

	(void)state;
	assert_true(pid >= 0);
	if (pid == 0) {
		close(0);
		close(2);
		_exit(fd_fill_standard() == 0 && fcntl(0, F_GETFD) == 0 &&
			    fcntl(2, F_GETFD) == 0 && open("/dev/null", O_RDONLY) > 2
			? 0
			: 1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_file_up_to_a_limit),
		cmocka_unit_test(a_large_file),
		cmocka_unit_test(waiting_for_a_pipe),
		cmocka_unit_test(moving_a_descriptor),
		cmocka_unit_test(standard_descriptors_are_filled),
	};

	return cmocka_run_group_tests(tests, unit_enter_directory, NULL);
}
