/* mbox: a lock that somebody else keeps.  (The lines: dotqmail.c; the rest: tests/programs/local.t.) */
#define _GNU_SOURCE
#include "local/mbox.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static void
locked(void **state)
{
	static char path[] = "/tmp/qferry-mbox.XXXXXX";
	int other = mkstemp(path), message = open("/dev/null", O_RDONLY);
	struct delivery_lines lines = { 0 };
	struct outcome o = { 0 };
	struct stat st;

	(void)state;
	assert_true(other >= 0 && message >= 0);
	assert_int_equal(flock(other, LOCK_EX), 0);
	str_append_text(&lines.from, "From x\n");

	mbox_deliver(path, message, &lines, 1, &o);
	assert_int_equal(o.kind, OUTCOME_TEMPORARY);
	assert_string_equal(
	    str_text(&o.text), "File has been locked for 30 seconds straight. (#4.3.0)");
	assert_int_equal(fstat(other, &st), 0);
	assert_int_equal(st.st_size, 0);

	assert_int_equal(flock(other, LOCK_UN), 0);
	mbox_deliver(path, message, &lines, 1, &o);
	assert_int_equal(o.kind, OUTCOME_DONE);
	assert_int_equal(fstat(other, &st), 0);
	assert_int_equal(st.st_size, sizeof "From x\n\n" - 1);

	outcome_free(&o);
	delivery_lines_free(&lines);
	close(other);
	close(message);
	unlink(path);
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(locked) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
