/* spawn: descriptors that cross, directory, environment, and what fails. */
#include <errno.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "lib/spawn.h"
#include "unit/unit.h"

static char sh[] = "sh", dash_c[] = "-c";

/* Run `script` by sh with what is in `s`; its exit code. */
static int
run(struct spawn *s, const char *script)
{
	char *argv[] = { sh, dash_c, strdup(script), NULL };
	int status = -1;
	pid_t pid;

	s->path = "/bin/sh";
	s->argv = argv;
	pid = spawn_start(s);
	assert_true(pid > 0);
	assert_int_equal(spawn_wait(pid, deadline_in(20), &status), 0);
	free(argv[2]);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void
crossed_descriptors_arrive_uncrossed(void **state)
{
	struct str out = { 0 };
	struct spawn s = { 0 };
	int a[2], b[2];

	(void)state;
	assert_int_equal(fd_pipe(a), 0);
	assert_int_equal(fd_pipe(b), 0);
	/* Each target is the other's source. */
	spawn_give(&s, a[1], b[1]);
	spawn_give(&s, b[1], a[1]);
	spawn_give(&s, 0, -1);
	str_append_text(&out, "echo a >/dev/fd/");
	str_append_byte(&out, (char)('0' + a[1]));
	str_append_text(&out, "; echo b >/dev/fd/");
	str_append_byte(&out, (char)('0' + b[1]));
	str_append_text(&out, "; read x && exit 1; exit 7");
	assert_true(a[1] < 10 && b[1] < 10);
	assert_int_equal(run(&s, str_text(&out)), 7);
	fd_close(&a[1]);
	fd_close(&b[1]);
	str_clear(&out);
	assert_int_equal(fd_read_all(b[0], &out, 100), 0);
	assert_int_equal(fd_read_all(a[0], &out, 100), 0);
	assert_string_equal(str_text(&out), "a\nb\n");
	str_free(&out);
	fd_close(&a[0]);
	fd_close(&b[0]);
}

static void
a_descriptor_may_be_closed(void **state)
{
	struct spawn s = { 0 };

	(void)state;
	spawn_give(&s, 0, SPAWN_CLOSED);
	assert_int_equal(run(&s, "[ -e /proc/$$/fd/0 ] || exit 6"), 6);
}

static void
a_directory_and_an_environment(void **state)
{
	static char entry[] = "UNIT=there";
	char *env[] = { entry, NULL };
	struct spawn s = { .dir = "control", .env = env };

	(void)state;
	unit_write_file("control/here", VIEW(""));
	assert_int_equal(run(&s, "[ -e here ] && [ \"$UNIT\" = there ] && exit 3"), 3);
	assert_int_equal(setenv("UNIT", "ours", 1), 0);
	s = (struct spawn) { 0 };
	assert_int_equal(run(&s, "[ \"$UNIT\" = ours ] && exit 4"), 4);
}

static void
sigpipe_is_default_unless_kept(void **state)
{
	/* SIGPIPE is 13: bit 0x1000 of the mask of ignored signals. */
	static const char look[] = "m=$(sed -n 's/^SigIgn:.*\\(....\\)$/\\1/p' "
				   "/proc/self/status); exit $((0x$m >> 12 & 1))";
	struct spawn s = { 0 };

	(void)state;
	signal(SIGPIPE, SIG_IGN);
	assert_int_equal(run(&s, look), 0);
	s = (struct spawn) { .keep_sigpipe_ignored = true };
	assert_int_equal(run(&s, look), 1);
}

static void
what_fails_is_told(void **state)
{
	char *argv[] = { sh, NULL };
	struct spawn s = { .path = "no/such/program", .argv = argv };

	(void)state;
	assert_int_equal(spawn_start(&s), -1);
	assert_int_equal(errno, ENOENT);
	s.path = "control";
	assert_int_equal(spawn_start(&s), -1);
	assert_int_equal(errno, EACCES);
	s.path = "/bin/sh";
	s.dir = "no/such/directory";
	assert_int_equal(spawn_start(&s), -1);
	assert_int_equal(errno, ENOENT);
	s.dir = NULL;
	spawn_give(&s, 0, 900); /* not open */
	assert_int_equal(spawn_start(&s), -1);
	assert_int_equal(errno, EBADF);
}

/* No copy is made further up than it must be: a small `softlimit -o` is enough. */
static void
few_descriptors_are_enough(void **state)
{
	char *argv[] = { sh, dash_c, strdup("exit 5"), NULL };
	struct spawn s = { .path = "/bin/sh", .argv = argv };
	struct rlimit old, few;
	int status = 0;
	pid_t pid;

	(void)state;
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &old), 0);
	few = old;
	few.rlim_cur = 20;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
	spawn_give(&s, 0, -1);
	spawn_give(&s, 6, 0);
	pid = spawn_start(&s);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &old), 0);
	assert_true(pid > 0);
	assert_int_equal(spawn_wait(pid, deadline_in(20), &status), 0);
	assert_int_equal(WEXITSTATUS(status), 5);
	free(argv[2]);
}

static void
a_name_is_found_in_the_path(void **state)
{
	char *argv[] = { sh, dash_c, strdup("exit 5"), NULL };
	struct spawn s = { .path = "sh", .argv = argv, .search = true };
	int status = 0;
	pid_t pid = spawn_start(&s);

	(void)state;
	assert_true(pid > 0);
	assert_int_equal(spawn_wait(pid, deadline_never(), &status), 0);
	assert_int_equal(WEXITSTATUS(status), 5);
	free(argv[2]);
}

static void
waiting_has_an_end(void **state)
{
	char *argv[] = { sh, dash_c, strdup("read x"), NULL };
	struct spawn s = { .path = "/bin/sh", .argv = argv };
	int ends[2], status = 0;
	pid_t pid;

	(void)state;
	assert_int_equal(fd_pipe(ends), 0);
	spawn_give(&s, 0, ends[0]);
	pid = spawn_start(&s);
	assert_true(pid > 0);
	assert_int_equal(spawn_wait(pid, deadline_in_ms(1), &status), -1);
	assert_int_equal(errno, ETIMEDOUT);
	fd_close(&ends[1]);
	assert_int_equal(spawn_wait(pid, deadline_in(20), &status), 0);
	assert_int_equal(spawn_wait(pid, deadline_never(), &status), -1);
	assert_int_equal(errno, ECHILD);
	fd_close(&ends[0]);
	free(argv[2]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(crossed_descriptors_arrive_uncrossed),
		cmocka_unit_test(a_descriptor_may_be_closed),
		cmocka_unit_test(a_directory_and_an_environment),
		cmocka_unit_test(sigpipe_is_default_unless_kept),
		cmocka_unit_test(what_fails_is_told),
		cmocka_unit_test(few_descriptors_are_enough),
		cmocka_unit_test(a_name_is_found_in_the_path),
		cmocka_unit_test(waiting_has_an_end),
	};

	return cmocka_run_group_tests(tests, unit_enter_directory, NULL);
}
