/* program: which home, and how it is entered. */
#include <errno.h>
#include <signal.h>

#include "build.h"
#include "lib/program.h"
#include "unit/unit.h"

static void
leave(void)
{
	_exit(51);
}

static void
the_home_of_the_environment_or_the_build(void **state)
{
	(void)state;
	assert_int_equal(unsetenv("QMAILHOME"), 0);
	assert_string_equal(program_home(), BUILD_HOME);
	assert_int_equal(setenv("QMAILHOME", "", 1), 0);
	assert_string_equal(program_home(), BUILD_HOME);
	assert_int_equal(setenv("QMAILHOME", "control", 1), 0);
	assert_string_equal(program_home(), "control");
}

static void
entering(void **state)
{
	(void)state;
	unit_write_file("control/mark", VIEW(""));
	assert_int_equal(setenv("QMAILHOME", "no/such/home", 1), 0);
	assert_int_equal(program_enter_home(), -1);
	assert_int_equal(errno, ENOENT);
	assert_int_equal(setenv("QMAILHOME", "control", 1), 0);
	assert_int_equal(program_enter_home(), 0);
	assert_int_equal(access("mark", F_OK), 0);
}

static void
starting_sets_signals(void **state)
{
	struct sigaction was;

	(void)state;
	signal(SIGCHLD, SIG_IGN);
	program_start(leave);
	assert_int_equal(sigaction(SIGPIPE, NULL, &was), 0);
	assert_true(was.sa_handler == SIG_IGN);
	assert_int_equal(sigaction(SIGCHLD, NULL, &was), 0);
	assert_true(was.sa_handler == SIG_DFL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_home_of_the_environment_or_the_build),
		cmocka_unit_test(entering),
		cmocka_unit_test(starting_sets_signals),
	};

	return cmocka_run_group_tests(tests, unit_enter_directory, NULL);
}
