/* The steps of one message, with what stands in their way. */
#define _GNU_SOURCE
#include "queue/intake.h"

#include <fcntl.h>
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "lib/fd.h"
#include "os/os.h"

static char home[] = "/tmp/qferry-intake.XXXXXX";

enum { SPLIT = 3, AN_HOUR_MS = 3600 * 1000 };

static int
remove_one(const char *path, const struct stat *st, int kind, struct FTW *where)
{
	(void)st;
	(void)kind;
	(void)where;
	return remove(path);
}

static void
make_queue(bool big_todo)
{
	static const char *const dirs[] = { "mess", "info", "local", "remote", "todo",
		"intd", "pid" };
	size_t i;
	int k;

	nftw("queue", remove_one, 8, FTW_DEPTH | FTW_PHYS);
	assert_int_equal(mkdir("queue", 0755), 0);
	for (i = 0; i < sizeof dirs / sizeof *dirs; i++) {
		char path[64];

		snprintf(path, sizeof path, "queue/%s", dirs[i]);
		assert_int_equal(mkdir(path, 0755), 0);
		for (k = 0; k < SPLIT && (i < 4 || (i < 6 && big_todo)); k++) {
			snprintf(path, sizeof path, "queue/%s/%d", dirs[i], k);
			assert_int_equal(mkdir(path, 0755), 0);
		}
	}
}

static bool
has(const struct intake *in, enum layout_dir dir)
{
	char path[NAME_MAX_OCTETS];

	layout_path(in->layout, dir, in->number, path);
	return faccessat(in->layout->fd, path, F_OK, 0) == 0;
}

static void
create(const struct intake *in, enum layout_dir dir)
{
	char path[NAME_MAX_OCTETS];
	int fd;

	layout_path(in->layout, dir, in->number, path);
	fd = openat(in->layout->fd, path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	assert_true(fd >= 0);
	close(fd);
}

static void
begin(struct intake *in, struct layout *layout, int64_t give_up_ms)
{
	assert_int_equal(layout_open(layout, "queue"), 0);
	assert_int_equal(
	    intake_begin(in, layout, 4711, 1795232343, give_up_ms), QUEUE_OK);
	assert_true(has(in, LAYOUT_MESS));
	assert_int_equal(rmdir("queue/pid"), 0); /* nothing is left in it */
	assert_int_equal(intake_message(in, VIEW("body\n")), QUEUE_OK);
	assert_int_equal(intake_message_end(in), QUEUE_OK);
}

static void
end(struct intake *in, struct layout *layout)
{
	fd_close(&in->mess_fd);
	fd_close(&in->intd_fd);
	fd_close(&in->todo_dir_fd);
	fd_close(&in->mess_dir_fd);
	layout_close(layout);
}

static void
committed(void **state)
{
	int variant;

	(void)state;
	for (variant = 0; variant < 4; variant++) {
		struct layout layout;
		struct intake in;

		make_queue(variant & 1);
		assert_int_equal(layout_open(&layout, "queue"), 0);
		assert_int_equal(layout.big_todo, variant & 1);
		layout.sync_mess_dir = variant & 2;
		assert_int_equal(intake_begin(&in, &layout, 4711, 1795232343,
				     os_boottime_ms() + AN_HOUR_MS),
		    QUEUE_OK);
		assert_int_equal(in.mess_dir_fd >= 0, variant >> 1);
		assert_int_equal(intake_message(&in, VIEW("body\n")), QUEUE_OK);
		assert_int_equal(intake_message_end(&in), QUEUE_OK);
		assert_int_equal(intake_envelope(&in, VIEW("u0\0p1\0Fa\0")), QUEUE_OK);
		assert_int_equal(intake_envelope(&in, VIEW("Tb\0")), QUEUE_OK);
		assert_false(has(&in, LAYOUT_TODO));
		assert_int_equal(intake_commit(&in), QUEUE_OK);
		assert_true(has(&in, LAYOUT_TODO));
		intake_abandon(&in); /* is too late */
		assert_true(has(&in, LAYOUT_TODO) && has(&in, LAYOUT_INTD) &&
		    has(&in, LAYOUT_MESS));
		end(&in, &layout);
	}
}

static void
abandoned(void **state)
{
	struct layout layout;
	struct intake in;

	(void)state;
	make_queue(false);
	begin(&in, &layout, os_boottime_ms() + AN_HOUR_MS);
	assert_int_equal(intake_envelope(&in, VIEW("u0\0p1\0Fa\0")), QUEUE_OK);
	assert_true(has(&in, LAYOUT_INTD));
	intake_abandon(&in);
	assert_false(has(&in, LAYOUT_MESS));
	assert_false(has(&in, LAYOUT_INTD));
	end(&in, &layout);
}

static void
too_late(void **state)
{
	struct layout layout;
	struct intake in;

	(void)state;
	make_queue(false);
	begin(&in, &layout, os_boottime_ms());
	assert_int_equal(intake_envelope(&in, VIEW("u0\0p1\0Fa\0")), QUEUE_OK);
	assert_int_equal(intake_commit(&in), QUEUE_TIMEOUT);
	assert_false(has(&in, LAYOUT_TODO));
	intake_abandon(&in);
	assert_false(has(&in, LAYOUT_MESS));
	end(&in, &layout);
}

/* A clock that jumped made debris of a message that is still being taken in. */
static void
swept_away(void **state)
{
	char path[NAME_MAX_OCTETS];
	struct layout layout;
	struct intake in;

	(void)state;
	make_queue(false);
	begin(&in, &layout, os_boottime_ms() + AN_HOUR_MS);
	assert_int_equal(intake_envelope(&in, VIEW("u0\0p1\0Fa\0")), QUEUE_OK);
	layout_path(&layout, LAYOUT_MESS, in.number, path);
	assert_int_equal(unlinkat(layout.fd, path, 0), 0);
	assert_int_equal(intake_commit(&in), QUEUE_TIMEOUT);
	assert_false(has(&in, LAYOUT_TODO));
	intake_abandon(&in);
	assert_false(has(&in, LAYOUT_INTD));
	end(&in, &layout);
}

/* Files of others under our number are refused, and not removed. */
static void
in_the_way(void **state)
{
	struct layout layout;
	struct intake in;

	(void)state;
	make_queue(false);
	begin(&in, &layout, os_boottime_ms() + AN_HOUR_MS);
	create(&in, LAYOUT_INTD);
	assert_int_equal(intake_envelope(&in, VIEW("u0\0")), QUEUE_NO_INTD);
	intake_abandon(&in);
	assert_true(has(&in, LAYOUT_INTD));
	assert_false(has(&in, LAYOUT_MESS));
	end(&in, &layout);

	make_queue(false);
	begin(&in, &layout, os_boottime_ms() + AN_HOUR_MS);
	create(&in, LAYOUT_TODO);
	assert_int_equal(intake_envelope(&in, VIEW("u0\0p1\0Fa\0")), QUEUE_OK);
	assert_int_equal(intake_commit(&in), QUEUE_NO_TODO);
	intake_abandon(&in);
	assert_true(has(&in, LAYOUT_TODO));
	assert_false(has(&in, LAYOUT_INTD));
	assert_false(has(&in, LAYOUT_MESS));
	end(&in, &layout);
}

static void
write_name(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);

	assert_true(fd >= 0);
	close(fd);
}

/* Another process had our pid in the same second. */
static void
pid_names_taken(void **state)
{
	struct layout layout;
	struct intake in;
	char path[64];
	int i;

	(void)state;
	make_queue(false);
	for (i = 1; i <= 8; i++) {
		snprintf(path, sizeof path, "queue/pid/4711.1795232343.%d", i);
		write_name(path);
	}
	assert_int_equal(layout_open(&layout, "queue"), 0);
	assert_int_equal(
	    intake_begin(&in, &layout, 4711, 1795232343, INT64_MAX), QUEUE_OK);
	intake_abandon(&in);
	end(&in, &layout);
	write_name("queue/pid/4711.1795232343.9");
	assert_int_equal(layout_open(&layout, "queue"), 0);
	assert_int_equal(
	    intake_begin(&in, &layout, 4711, 1795232343, INT64_MAX), QUEUE_NO_PID);
	intake_abandon(&in);
	end(&in, &layout);
	assert_int_equal(access("queue/pid/4711.1795232343.1", F_OK), 0);
	assert_int_equal(access("queue/pid/4711.1795232343.9", F_OK), 0);
}

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
	return chdir("/") == 0 ? nftw(home, remove_one, 8, FTW_DEPTH | FTW_PHYS) : -1;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(committed),
		cmocka_unit_test(abandoned),
		cmocka_unit_test(too_late),
		cmocka_unit_test(swept_away),
		cmocka_unit_test(in_the_way),
		cmocka_unit_test(pid_names_taken),
	};

	return cmocka_run_group_tests(tests, enter_home, leave_home);
}
