/* holds: what is answered and what is held agree, also when a change does not reach the disk. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "queue/holds.h"

/* Files can be made in it and removed, but it cannot be opened to be synced. */
static void
let_syncs_fail(bool fail)
{
	assert_int_equal(chmod(HOLDS_MESSAGES, fail ? 0300 : 0700), 0);
	assert_int_equal(chmod(HOLDS_DOMAINS, fail ? 0300 : 0700), 0);
}

static bool
is_held(uint64_t id)
{
	struct holds h = { 0 };
	bool held;

	let_syncs_fail(false);
	assert_int_equal(holds_read(&h), 0);
	held = holds_message(&h, id, 1);
	holds_free(&h);
	return held;
}

static void
what_fails_changes_nothing(void **state)
{
	(void)state;
	if (geteuid() == 0)
		skip();
	let_syncs_fail(true);
	assert_int_equal(holds_set_message(7, 1, true), -1);
	assert_int_equal(errno, EACCES);
	assert_false(is_held(7));
	assert_int_equal(holds_set_message(7, 1, true), 0);
	assert_true(is_held(7));
	let_syncs_fail(true);
	assert_int_equal(holds_set_message(7, 1, true), -1);
	assert_true(is_held(7));
	let_syncs_fail(true);
	assert_int_equal(holds_set_message(7, 1, false), -1);
	assert_true(is_held(7));
	assert_int_equal(holds_set_message(7, 1, false), 0);
	assert_false(is_held(7));
	assert_int_equal(holds_set_message(7, 1, false), 0);
}

static void
nor_does_it_for_domains(void **state)
{
	struct holds h = { 0 };

	(void)state;
	if (geteuid() == 0)
		skip();
	let_syncs_fail(true);
	assert_int_equal(holds_set_domain(&h, VIEW("Example.org"), true), -1);
	assert_false(holds_domain(&h, VIEW("example.org")));
	let_syncs_fail(false);
	assert_int_equal(holds_read(&h), 0);
	assert_false(holds_domain(&h, VIEW("example.org")));
	assert_int_equal(holds_set_domain(&h, VIEW("Example.org"), true), 0);
	let_syncs_fail(true);
	assert_int_equal(holds_set_domain(&h, VIEW("Example.org"), false), -1);
	assert_true(holds_domain(&h, VIEW("example.org")));
	let_syncs_fail(false);
	assert_int_equal(holds_read(&h), 0);
	assert_true(holds_domain(&h, VIEW("example.org")));
	assert_int_equal(holds_set_domain(&h, VIEW("example.org"), false), 0);
	holds_free(&h);
}

static int
make_places(void **state)
{
	static char home[] = "/tmp/qferry-holds.XXXXXX";

	if (!mkdtemp(home) || chdir(home) < 0)
		return -1;
	*state = home;
	holds_make_places();
	return 0;
}

static int
remove_places(void **state)
{
	rmdir(HOLDS_MESSAGES);
	rmdir(HOLDS_DOMAINS);
	rmdir("state/send");
	rmdir("state");
	return rmdir(*state);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_fails_changes_nothing),
		cmocka_unit_test(nor_does_it_for_domains),
	};

	return cmocka_run_group_tests(tests, make_places, remove_places);
}
