/* present: what one look at control/ tells of names, and when it tells nothing. */
#include "config/present.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>

#include "unit/unit.h"

static bool
can_open(const char *path)
{
	int fd = present_open(path), error = errno;

	if (fd >= 0)
		close(fd);
	else
		assert_int_equal(error, ENOENT);
	return fd >= 0;
}

static void
before_a_look_each_is_asked_for(void **state)
{
	(void)state;
	unit_write_file("control/me", VIEW("mx.example.org\n"));
	assert_true(present_may_be("control/none"));
	assert_false(can_open("control/none"));
	assert_true(can_open("control/me"));
}

static void
a_look_tells_names(void **state)
{
	(void)state;
	assert_int_equal(mkdir("control/routes", 0755), 0);
	unit_write_file("control/routes/host", VIEW("x\n"));
	unit_write_file("other", VIEW("x\n"));
	present_look();
	assert_true(can_open("control/me"));
	assert_true(can_open("control/routes/host"));
	assert_true(can_open("other"));
	assert_false(present_may_be("control/none"));
	assert_false(present_may_be("control/none/host"));
	assert_false(present_may_be("control/m"));
	assert_false(can_open("control/none"));
	assert_true(present_may_be("none"));
	assert_true(present_may_be("/control/none"));
}

static void
changes(void **state)
{
	(void)state;
	unit_write_file("control/goes", VIEW(""));
	present_look();
	unit_write_file("control/comes", VIEW(""));
	assert_false(can_open("control/comes"));
	assert_int_equal(unlink("control/goes"), 0);
	assert_false(can_open("control/goes"));
	present_look();
	assert_true(can_open("control/comes"));
}

/* Every name of a full directory is found, whatever bit it shares with others. */
static void
no_name_is_overlooked(void **state)
{
	char path[] = "control/f00";
	int i;

	(void)state;
	for (i = 0; i < 60; i++) {
		path[9] = (char)('0' + i / 10);
		path[10] = (char)('0' + i % 10);
		unit_write_file(path, VIEW(""));
	}
	present_look();
	assert_false(present_may_be("control/none"));
	for (i = 0; i < 60; i++) {
		path[9] = (char)('0' + i / 10);
		path[10] = (char)('0' + i % 10);
		assert_true(can_open(path));
		assert_int_equal(unlink(path), 0);
	}
}

static void
without_a_whole_list_nothing_is_known(void **state)
{
	char path[] = "control/a-name-that-is-long-enough-to-fill-a-directory-soon-00";
	size_t end = sizeof path - 1;
	int i;

	(void)state;
	for (i = 0; i < 100; i++) {
		path[end - 2] = (char)('0' + i / 10);
		path[end - 1] = (char)('0' + i % 10);
		unit_write_file(path, VIEW(""));
	}
	present_look();
	assert_true(present_may_be("control/none"));
	assert_false(can_open("control/none"));
	assert_true(can_open(path));
	assert_int_equal(rename("control", "elsewhere"), 0);
	present_look();
	assert_true(present_may_be("control/none"));
	assert_false(can_open("control/none"));
	unit_write_file("control", VIEW("no directory"));
	present_look();
	assert_int_equal(present_open("control/none"), -1);
	assert_int_equal(errno, ENOTDIR);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(before_a_look_each_is_asked_for),
		cmocka_unit_test(a_look_tells_names),
		cmocka_unit_test(changes),
		cmocka_unit_test(no_name_is_overlooked),
		cmocka_unit_test(without_a_whole_list_nothing_is_known),
	};

	return cmocka_run_group_tests(tests, unit_enter_directory, NULL);
}
