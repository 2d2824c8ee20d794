/* users/ids when it is trusted, /etc/passwd and /etc/group when it is not. */
#define _GNU_SOURCE
#include "config/ids.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static char home[] = "/tmp/qferry-ids.XXXXXX";

static void
write_ids(const char *text, mode_t mode)
{
	FILE *f = fopen("users/ids", "w");

	assert_non_null(f);
	fputs(text, f);
	assert_int_equal(fclose(f), 0);
	assert_int_equal(chmod("users/ids", mode), 0);
}

static void
system_files(void **state)
{
	uid_t uid = 99;
	gid_t gid = 99;

	(void)state;
	unlink("users/ids");
	assert_int_equal(ids_user("root", &uid), ANSWER_YES);
	assert_int_equal(uid, 0);
	assert_int_equal(ids_group("root", &gid), ANSWER_YES);
	assert_int_equal(gid, 0);
	uid = 99;
	assert_int_equal(ids_user("no such user", &uid), ANSWER_NO);
	assert_int_equal(ids_group("no such group", &gid), ANSWER_NO);
	assert_int_equal(uid, 99);
}

static void
untrusted(void **state)
{
	uid_t uid = 99;

	(void)state;
	write_ids("no such user:7\n", 0664);
	assert_int_equal(ids_user("no such user", &uid), ANSWER_NO);
	write_ids("no such user:7\n", 0646);
	assert_int_equal(ids_user("no such user", &uid), ANSWER_NO);
	if (geteuid() == 0) {
		write_ids("no such user:7\n", 0644);
		assert_int_equal(chown("users/ids", 1000, 0), 0);
		assert_int_equal(ids_user("no such user", &uid), ANSWER_NO);
		assert_int_equal(chown("users/ids", 0, 0), 0);
	}
}

static const struct {
	const char *name;
	enum answer answer;
	uid_t uid;
} users[] = {
	{ "alias", ANSWER_YES, 7790 }, { "qmaild", ANSWER_YES, 7791 },
	{ "root", ANSWER_YES, 5 },   /* wins over /etc/passwd */
	{ "daemon", ANSWER_YES, 1 }, /* only in /etc/passwd */
	{ "negative", ANSWER_NO, 0 }, { "none", ANSWER_NO, 0 },
	{ "largest", ANSWER_YES, 4294967294U }, { "empty", ANSWER_NO, 0 },
	{ "qmailgroup", ANSWER_NO, 0 }, { "twice", ANSWER_YES, 1 },
	{ "last", ANSWER_YES, 9 }, /* no final newline */
};

static void
trusted(void **state)
{
	const char *names[] = { "alias", "qmaild", "daemon" };
	char *long_line;
	size_t i, which = 99;
	gid_t gid;

	(void)state;
	if (geteuid() != 0)
		skip();
	long_line = malloc(40001);
	assert_non_null(long_line);
	memset(long_line, 'x', 40000);
	long_line[40000] = '\0';
	write_ids("alias:7790\nqmaild:7791\nroot:5\nnegative:-1\nnone:4294967295\n"
		  "largest:4294967294\nempty:\n@qmailgroup:2107\ntwice:1\ntwice:2\n",
	    0644);
	{
		FILE *f = fopen("users/ids", "a");

		fprintf(f, "%s:1\nlast:9", long_line);
		fclose(f);
	}
	free(long_line);
	for (i = 0; i < sizeof users / sizeof *users; i++) {
		uid_t uid = 0;

		if (ids_user(users[i].name, &uid) != users[i].answer ||
		    uid != users[i].uid)
			fail_msg("%s: uid %u", users[i].name, (unsigned)uid);
	}
	assert_int_equal(ids_group("qmailgroup", &gid), ANSWER_YES);
	assert_int_equal(gid, 2107);
	assert_int_equal(ids_which(7791, names, 3, &which), ANSWER_YES);
	assert_int_equal(which, 1);
	assert_int_equal(ids_which(1, names, 3, &which), ANSWER_YES);
	assert_int_equal(which, 2);
	assert_int_equal(ids_which(2, names, 3, &which), ANSWER_NO);
}

static void
unreadable(void **state)
{
	uid_t uid;

	(void)state;
	unlink("users/ids");
	assert_int_equal(mkdir("users/ids", 0755), 0);
	if (geteuid() == 0)
		assert_int_equal(ids_user("root", &uid), ANSWER_ERROR);
	assert_int_equal(rmdir("users/ids"), 0);
}

static int
enter_home(void **state)
{
	(void)state;
	return mkdtemp(home) && chdir(home) == 0 && mkdir("users", 0755) == 0 ? 0 : -1;
}

static int
remove_home(void **state)
{
	(void)state;
	unlink("users/ids");
	rmdir("users");
	return chdir("/") == 0 ? rmdir(home) : -1;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(system_files),
		cmocka_unit_test(untrusted),
		cmocka_unit_test(trusted),
		cmocka_unit_test(unreadable),
	};

	return cmocka_run_group_tests(tests, enter_home, remove_home);
}
