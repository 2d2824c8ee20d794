/* account: records of users/cdb, and the order of its keys. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "config/cdbwriter.h"
#include "users/account.h"

#define BYTES(text)                       \
	{                                 \
		"" text, sizeof(text) - 1 \
	}

static const struct {
	const char *name;
	struct view fields;
	bool good;
} records[] = {
	{ "as in a cdb",
	    BYTES("u\0"
		  "1\0"
		  "2\0"
		  "/h\0"
		  "-\0"
		  "e"),
	    true },
	{ "as qmail-getpw prints",
	    BYTES("u\0"
		  "1\0"
		  "2\0"
		  "/h\0"
		  "-\0"
		  "e\0"),
	    true },
	{ "empty last field",
	    BYTES("u\0"
		  "1\0"
		  "2\0"
		  "/h\0"
		  "-\0"),
	    true },
	{ "five fields",
	    BYTES("u\0"
		  "1\0"
		  "2\0"
		  "/h\0"
		  "-"),
	    false },
	{ "nothing", BYTES(""), false },
	{ "uid no number",
	    BYTES("u\0"
		  "x\0"
		  "2\0"
		  "/h\0"
		  "-\0"
		  "e"),
	    false },
	{ "gid empty",
	    BYTES("u\0"
		  "1\0"
		  "\0"
		  "/h\0"
		  "-\0"
		  "e"),
	    false },
	{ "uid that means nobody's",
	    BYTES("u\0"
		  "4294967295\0"
		  "2\0"
		  "/h\0"
		  "-\0"
		  "e"),
	    false },
	{ "uid too large",
	    BYTES("u\0"
		  "4294967297\0"
		  "2\0"
		  "/h\0"
		  "-\0"
		  "e"),
	    false },
};

static void
parse(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof records / sizeof *records; i++) {
		struct account a = { 0 };

		if (account_parse(records[i].fields, &a) != records[i].good)
			fail_msg("%s", records[i].name);
		account_free(&a);
	}
}

static void
format(void **state)
{
	static const char wanted[] = "u\0"
				     "1\0"
				     "2\0"
				     "/h\0"
				     "-\0"
				     "e";
	struct account a = { 0 };
	struct str out = { 0 };

	(void)state;
	assert_true(account_parse((struct view) { wanted, sizeof wanted }, &a));
	account_format(&out, &a);
	assert_int_equal(out.len, sizeof wanted);
	assert_memory_equal(out.at, wanted, sizeof wanted);
	account_free(&a);
	str_free(&out);
}

/* The example at the end of inbound appendix A, and what it answers. */
static const struct {
	struct view key, data;
} cdb[] = {
	{ BYTES("!joe\0"),
	    BYTES("joe\0"
		  "500\0"
		  "501\0"
		  "/home/joe\0"
		  "\0") },
	{ BYTES("!joe-"),
	    BYTES("joe\0"
		  "500\0"
		  "501\0"
		  "/home/joe\0"
		  "-\0") },
	{ BYTES("!big."),
	    BYTES("al\0"
		  "7\0"
		  "8\0"
		  "/h\0"
		  "-\0"
		  "pre-") },
	{ BYTES("!"),
	    BYTES("alias\0"
		  "7\0"
		  "8\0"
		  "/a\0"
		  "-\0") },
	{ BYTES(""), BYTES("-.") },
};

static const struct {
	const char *local, *user, *dash, *ext;
} lookups[] = {
	{ "joe", "joe", "", "" },
	{ "JOE", "joe", "", "" },
	{ "joe-", "joe", "-", "" },
	{ "joe-List", "joe", "-", "List" },
	{ "Joe-a-b", "joe", "-", "a-b" },
	{ "joe.x", "alias", "-", "joe.x" },
	{ "BIG.X.Y", "al", "-", "pre-X.Y" },
	{ "big", "alias", "-", "big" },
	{ "joes", "alias", "-", "joes" },
	{ "", "alias", "-", "" },
};

static void
write_cdb(size_t first, size_t count)
{
	struct cdbwriter *w = cdbwriter_open("users/cdb.tmp");
	size_t i;

	assert_non_null(w);
	for (i = first; i < first + count; i++)
		assert_int_equal(cdbwriter_add(w, cdb[i].key, cdb[i].data), 0);
	assert_int_equal(cdbwriter_commit(w, "users/cdb"), 0);
}

static void
look_up(void **state)
{
	size_t i;

	(void)state;
	write_cdb(0, sizeof cdb / sizeof *cdb);
	for (i = 0; i < sizeof lookups / sizeof *lookups; i++) {
		struct account a = { 0 };

		assert_int_equal(
		    account_from_cdb(view_of(lookups[i].local), &a, NULL), ANSWER_YES);
		assert_string_equal(str_text(&a.user), lookups[i].user);
		assert_string_equal(str_text(&a.dash), lookups[i].dash);
		assert_string_equal(str_text(&a.ext), lookups[i].ext);
		account_free(&a);
	}
}

static void
misses_and_errors(void **state)
{
	struct account a = { 0 };
	struct problem problem;
	FILE *f;

	(void)state;
	unlink("users/cdb");
	assert_int_equal(account_from_cdb(VIEW("joe"), &a, NULL), ANSWER_NO);

	write_cdb(4, 1); /* nobody */
	assert_int_equal(account_from_cdb(VIEW("joe"), &a, NULL), ANSWER_NO);

	write_cdb(0, 1); /* no set of last bytes: not of qmail-newu's making */
	assert_int_equal(account_from_cdb(VIEW("joe"), &a, NULL), ANSWER_YES);
	assert_int_equal(account_from_cdb(VIEW("bob"), &a, &problem), ANSWER_ERROR);
	assert_string_equal(problem.where, "users/cdb");

	f = fopen("users/cdb", "w");
	assert_non_null(f);
	fputs("nonsense", f);
	fclose(f);
	assert_int_equal(account_from_cdb(VIEW("joe"), &a, &problem), ANSWER_ERROR);
	account_free(&a);
}

int
main(void)
{
	static char home[] = "/tmp/qferry-account.XXXXXX";
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parse),
		cmocka_unit_test(format),
		cmocka_unit_test(look_up),
		cmocka_unit_test(misses_and_errors),
	};
	int failed;

	if (!mkdtemp(home) || chdir(home) < 0 || mkdir("users", 0755) < 0)
		return 1;
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	unlink("users/cdb");
	rmdir("users");
	rmdir(home);
	return failed;
}
