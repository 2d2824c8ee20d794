/* authfile: users/auth and what is compiled from it, as files: what is written is read, and what cannot be
 * written leaves the old one. */
#include "unit/unit.h"

#include "users/authentries.h"
#include "users/authfile.h"

#define ENTRIES "joe:$6$x\nann:$6$y:ann@example.org\n"

static void
without_a_directory(void **state)
{
	struct problem problem = { 0 };
	struct str bytes = { 0 };

	(void)state;
	assert_int_equal(authfile_lock(&problem), -1);
	assert_int_equal(authfile_read(&bytes, &problem), 0);
	assert_int_equal(bytes.len, 0);
	assert_int_equal(authfile_write(VIEW(ENTRIES), &problem), -1);
	assert_string_equal(problem.what, "unable to write");
	assert_int_equal(authfile_compile(VIEW(ENTRIES), &problem), -1);
	str_free(&bytes);
}

/* As root it would be given to a group that a test's machine need not have. */
static void
there_and_back(void **state)
{
	struct problem problem = { 0 };
	struct str bytes = { 0 };

	(void)state;
	assert_int_equal(mkdir("users", 0755), 0);
	if (geteuid() == 0)
		return;
	assert_int_equal(authfile_lock(&problem), 0);
	assert_int_equal(authentries_check(VIEW(ENTRIES), &problem), 0);
	assert_int_equal(authfile_write(VIEW(ENTRIES), &problem), 0);
	assert_int_equal(authfile_compile(VIEW(ENTRIES), &problem), 0);
	assert_int_equal(authfile_read(&bytes, &problem), 0);
	assert_view_equal(str_view(&bytes), VIEW(ENTRIES));
	assert_int_equal(access("users/auth.cdb", R_OK), 0);
	assert_int_equal(unlink("users/auth") | unlink("users/auth.cdb"), 0);
	str_free(&bytes);
}

/* A directory stands where the file should be. */
static void
in_the_way(void **state)
{
	struct problem problem = { 0 };
	struct str bytes = { 0 };

	(void)state;
	assert_int_equal(mkdir("users/auth", 0755) | mkdir("users/auth.cdb", 0755), 0);
	assert_int_equal(authfile_read(&bytes, &problem), -1);
	assert_string_equal(problem.what, "unable to read");
	assert_int_equal(authfile_write(VIEW(ENTRIES), &problem), -1);
	assert_int_equal(authfile_compile(VIEW(ENTRIES), &problem), -1);
	assert_int_equal(access(AUTHFILE_PATH ".tmp", F_OK), -1);
	str_free(&bytes);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_a_directory),
		cmocka_unit_test(there_and_back),
		cmocka_unit_test(in_the_way),
	};

	return cmocka_run_group_tests(tests, unit_enter_directory, NULL);
}
