/* How a queue is cut, told from its directories. */
#define _GNU_SOURCE
#include "queue/layout.h"

#include <errno.h>
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static int
remove_one(const char *path, const struct stat *st, int kind, struct FTW *where)
{
	(void)st;
	(void)kind;
	(void)where;
	return remove(path);
}

static void
make_parts(const char *dir, unsigned count)
{
	char path[64];
	unsigned k;

	mkdir(dir, 0755);
	for (k = 0; k < count; k++) {
		snprintf(path, sizeof path, "%s/%u", dir, k);
		assert_int_equal(mkdir(path, 0755), 0);
	}
}

static const struct {
	const char *name;
	unsigned mess, info, local, remote, todo; /* parts of each */
	int error;
} cases[] = {
	{ "usual", 23, 23, 23, 23, 0, 0 },
	{ "big-todo", 23, 23, 23, 23, 23, 0 },
	{ "one", 1, 1, 1, 1, 0, 0 },
	{ "indimail", 151, 151, 151, 151, 0, 0 },
	{ "one less", 22, 22, 22, 22, 22, 0 },
	{ "one more", 24, 24, 24, 24, 0, 0 },
	{ "info less", 23, 22, 23, 23, 0, EUCLEAN },
	{ "info more", 23, 24, 23, 23, 0, EUCLEAN },
	{ "local none", 23, 23, 0, 23, 0, EUCLEAN },
	{ "remote double", 23, 23, 23, 46, 0, EUCLEAN },
	{ "mess less", 22, 23, 23, 23, 0, EUCLEAN },
	{ "mess more", 46, 23, 23, 23, 0, EUCLEAN },
	{ "mess none", 0, 23, 23, 23, 0, EUCLEAN },
};

static void
recognized(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct layout l = { .fd = -1 };
		int result;

		assert_int_equal(mkdir("queue", 0755), 0);
		make_parts("queue/mess", cases[i].mess);
		make_parts("queue/info", cases[i].info);
		make_parts("queue/local", cases[i].local);
		make_parts("queue/remote", cases[i].remote);
		make_parts("queue/todo", cases[i].todo);
		make_parts("queue/intd", cases[i].todo);
		result = layout_open(&l, "queue");
		if ((result < 0 ? errno : 0) != cases[i].error)
			fail_msg("%s: %s", cases[i].name, strerror(errno));
		if (result == 0) {
			assert_int_equal(l.split, cases[i].mess);
			assert_int_equal(l.big_todo, cases[i].todo > 0);
		}
		layout_close(&l);
		nftw("queue", remove_one, 8, FTW_DEPTH | FTW_PHYS);
	}
}

static void
absent(void **state)
{
	struct layout l;

	(void)state;
	assert_int_equal(layout_open(&l, "queue"), -1);
	assert_int_equal(errno, ENOENT);
}

static void
paths(void **state)
{
	struct layout flat = { .fd = -1, .split = 23 };
	struct layout big = { .fd = -1, .split = 23, .big_todo = true };
	char out[NAME_MAX_OCTETS];

	(void)state;
	layout_path(&flat, LAYOUT_MESS, 47, out);
	assert_string_equal(out, "mess/1/47");
	layout_path(&flat, LAYOUT_REMOTE, 23, out);
	assert_string_equal(out, "remote/0/23");
	layout_path(&flat, LAYOUT_TODO, 47, out);
	assert_string_equal(out, "todo/47");
	layout_path(&flat, LAYOUT_INTD, 47, out);
	assert_string_equal(out, "intd/47");
	layout_path(&big, LAYOUT_TODO, 47, out);
	assert_string_equal(out, "todo/1/47");
	layout_path(&big, LAYOUT_INTD, 47, out);
	assert_string_equal(out, "intd/1/47");
	layout_path(&big, LAYOUT_BOUNCE, 47, out);
	assert_string_equal(out, "bounce/47");
}

static char home[] = "/tmp/qferry-layout.XXXXXX";

static int
enter_home(void **state)
{
	(void)state;
	return mkdtemp(home) && chdir(home) == 0 ? 0 : -1;
}

static int
leave_home(void **state)
{
	(void)state;
	return chdir("/") == 0 ? rmdir(home) : -1;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(recognized),
		cmocka_unit_test(absent),
		cmocka_unit_test(paths),
	};

	return cmocka_run_group_tests(tests, enter_home, leave_home);
}
