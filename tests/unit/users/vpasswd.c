/* vpasswd: records of vpasswd.cdb, and finding them. */
#include "users/vpasswd.h"

#include "config/cdbwriter.h"
#include "unit/unit.h"

static const struct {
	struct view record;
	bool good;
	uint64_t flags;
	struct view dir, quota;
} records[] = {
	{ ROW("$1$x:0:0:Joe:/v/joe:NOQUOTA"), true, 0, ROW("/v/joe"), ROW("NOQUOTA") },
	{ ROW("$1$x:0:0:Joe:/v/joe:NOQUOTA:secret"), true, 0, ROW("/v/joe"),
	    ROW("NOQUOTA") },
	{ ROW("$1$x:0:0:Joe:/v/joe:10S,5C:a:b:c"), true, 0, ROW("/v/joe"),
	    ROW("10S,5C") },
	{ ROW(":0:16::/:"), true, 16, ROW("/"), ROW("") },
	{ ROW("x:1:131089:Joe:/v/joe:10S"), true, 131089, ROW("/v/joe"), ROW("10S") },
	{ ROW("x:0:0:Joe:/v/joe"), false, 0, ROW(""), ROW("") },
	{ ROW("x:0:0:Joe:joe:NOQUOTA"), false, 0, ROW(""), ROW("") },
	{ ROW("x:0:0:Joe::NOQUOTA"), false, 0, ROW(""), ROW("") },
	{ ROW("x:0::Joe:/v/joe:NOQUOTA"), false, 0, ROW(""), ROW("") },
	{ ROW("x:0:0x10:Joe:/v/joe:NOQUOTA"), false, 0, ROW(""), ROW("") },
	{ ROW("x:0:-1:Joe:/v/joe:NOQUOTA"), false, 0, ROW(""), ROW("") },
	{ ROW("x:0:0:Joe:/v/j\0e:NOQUOTA"), false, 0, ROW(""), ROW("") },
	{ ROW(""), false, 0, ROW(""), ROW("") },
};

static void
parses(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(records); i++) {
		struct vpasswd user = { .flags = 7 };

		if (vpasswd_parse(records[i].record, &user) != records[i].good)
			fail_msg("record %zu", i);
		assert_int_equal(user.flags, records[i].good ? records[i].flags : 7);
		assert_view_equal(user.dir, records[i].dir);
		assert_view_equal(user.quota, records[i].quota);
	}
}

static const struct {
	const char *user;
	bool extensions;
	enum vpasswd_answer answer;
	const char *record;
} lookups[] = {
	{ "joe", false, VPASSWD_YES, "JOE" },
	{ "joe", true, VPASSWD_YES, "JOE" },
	{ "joe-x", false, VPASSWD_NO, "" },
	{ "joe-x", true, VPASSWD_YES, "JOE" },
	{ "joe-a-b", false, VPASSWD_YES, "JOE A B" },
	{ "joe-a-b-c", true, VPASSWD_YES, "JOE" }, /* from the left */
	{ "jo-e", true, VPASSWD_NO, "" },
	{ "-joe", true, VPASSWD_NO, "" },
	{ "", true, VPASSWD_NO, "" },
	{ "-", true, VPASSWD_NO, "" },
};

static void
finds(void **state)
{
	char home[] = "/tmp/qferry-vpasswd.XXXXXX";
	struct cdbwriter *w;
	size_t i;
	int fd;

	(void)state;
	assert_non_null(mkdtemp(home));
	assert_int_equal(chdir(home), 0);
	assert_int_equal(
	    vpasswd_look_up("v.cdb", VIEW("joe"), false, NULL), VPASSWD_ABSENT);
	w = cdbwriter_open("tmp");
	assert_non_null(w);
	assert_int_equal(cdbwriter_add(w, VIEW("joe"), VIEW("JOE")), 0);
	assert_int_equal(cdbwriter_add(w, VIEW("joe-a-b"), VIEW("JOE A B")), 0);
	assert_int_equal(cdbwriter_commit(w, "v.cdb"), 0);
	for (i = 0; i < COUNT(lookups); i++) {
		struct str record = { 0 };

		if (vpasswd_look_up("v.cdb", view_of(lookups[i].user),
			lookups[i].extensions, &record) != lookups[i].answer)
			fail_msg("%s", lookups[i].user);
		assert_string_equal(str_text(&record), lookups[i].record);
		str_free(&record);
	}
	fd = open("v.cdb", O_WRONLY | O_TRUNC);
	assert_int_equal(fd_write_all(fd, VIEW("no cdb")), 0);
	close(fd);
	assert_int_equal(
	    vpasswd_look_up("v.cdb", VIEW("joe"), false, NULL), VPASSWD_FAILED);
	if (geteuid() != 0) {
		assert_int_equal(chmod("v.cdb", 0), 0);
		assert_int_equal(vpasswd_look_up("v.cdb", VIEW("joe"), false, NULL),
		    VPASSWD_FORBIDDEN);
		assert_int_equal(mkdir("closed", 0), 0);
		assert_int_equal(
		    vpasswd_look_up("closed/v.cdb", VIEW("joe"), false, NULL),
		    VPASSWD_HIDDEN);
		assert_int_equal(rmdir("closed"), 0);
	}
	assert_int_equal(unlink("v.cdb") | mkdir("v.cdb", 0700), 0);
	assert_int_equal(
	    vpasswd_look_up("v.cdb", VIEW("joe"), false, NULL), VPASSWD_ABSENT);
	assert_int_equal(rmdir("v.cdb") | chdir("/") | rmdir(home), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parses),
		cmocka_unit_test(finds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
