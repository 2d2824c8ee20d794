/* authrecord: the records of jms1's AUTH_CDB, and who is found in it. */
#include "users/authrecord.h"

#include <cdb.h>

#include "config/variables.h"
#include "unit/unit.h"

static const struct {
	const char *data;
	bool good;
	const char *hash, *variables;
	uint64_t expires;
} rows[] = {
	{ "$1$a$b", true, "$1$a$b", "", UINT64_MAX },
	{ "h,A=\"1\"", true, "h", " A=1\n", UINT64_MAX },
	{ "h,A=\"1\",B=\"\"", true, "h", " A=1\n B=\n", UINT64_MAX },
	{ "h,A=\"x, y=z\",B=\"2\"", true, "h", " A=x, y=z\n B=2\n", UINT64_MAX },
	{ "h,PASSWORD_EXPIRES=\"1234567890\"", true, "h", "", 1234567890 },
	{ "h,A=\"1\",PASSWORD_EXPIRES=\"0\"", true, "h", " A=1\n", 0 },
	{ "", false, "", "", 0 },
	{ ",A=\"1\"", false, "", "", 0 },
	{ "h,", false, "", "", 0 },
	{ "h,A=\"1\",", false, "", "", 0 },
	{ "h,A=1", false, "", "", 0 },
	{ "h,A=\"1", false, "", "", 0 },
	{ "h,A=\"1\"B=\"2\"", false, "", "", 0 },
	{ "h,A", false, "", "", 0 },
	{ "h,=\"1\"", false, "", "", 0 },
	{ "h,a=\"1\"", false, "", "", 0 },
	{ "h,PATH=\"/x\"", false, "", "", 0 },
	{ "h,LD_PRELOAD=\"/x\"", false, "", "", 0 },
	{ "h,A=\"\n\"", false, "", "", 0 },
	{ "h,PASSWORD_EXPIRES=\"\"", false, "", "", 0 },
	{ "h,PASSWORD_EXPIRES=\"soon\"", false, "", "", 0 },
};

static void
the_grammar(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++) {
		struct authrecord record = { .expires = 1 };
		struct str variables = { 0 };
		const char *why = NULL;

		if (authrecord_parse(view_of(rows[i].data), &record, &variables, &why) !=
		    rows[i].good)
			fail_msg("%s: %s", rows[i].data, why ? why : "good");
		if (rows[i].good) {
			assert_view_equal(record.hash, view_of(rows[i].hash));
			assert_string_equal(str_text(&variables), rows[i].variables);
			assert_true(record.expires == rows[i].expires);
		} else {
			assert_non_null(why);
			assert_true(record.expires == 1);
		}
		str_free(&variables);
	}
}

static void
too_many(void **state)
{
	struct str data = { 0 }, variables = { 0 };
	struct authrecord record;
	const char *why;
	int i;

	(void)state;
	str_append_text(&data, "h");
	for (i = 0; i < VARIABLES_MAX + 1; i++)
		str_append_text(&data, ",A=\"1\"");
	assert_false(authrecord_parse(str_view(&data), &record, &variables, &why));
	str_free(&data);
	str_free(&variables);
}

static void
add(struct cdb_make *make, const char *key, const char *data)
{
	assert_int_equal(
	    cdb_make_add(make, key, (unsigned)strlen(key), data, (unsigned)strlen(data)),
	    0);
}

static void
who_is_found(void **state)
{
	struct authdb_user user = { .name = { 0 } };
	struct problem problem;
	struct str hash = { 0 };
	struct cdb_make make;
	struct cdbmap *db;
	int fd = open("auth.cdb", O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	(void)state;
	assert_int_equal(cdb_make_start(&make, fd), 0);
	add(&make, "joe", "first,A=\"1\"");
	add(&make, "Jim", "second");
	add(&make, "bad", "third,");
	assert_int_equal(cdb_make_finish(&make), 0);
	close(fd);
	assert_int_equal(cdbmap_open("auth.cdb", &db, &problem), ANSWER_YES);
	assert_int_equal(
	    authrecord_find(db, "auth.cdb", VIEW("Joe"), &user, &problem), ANSWER_YES);
	assert_string_equal(str_text(&user.name), "joe");
	assert_string_equal(str_text(&user.hash), "first");
	assert_string_equal(str_text(&user.variables), " A=1\n");
	assert_int_equal(
	    authrecord_find(db, "auth.cdb", VIEW("Jim"), &user, &problem), ANSWER_YES);
	assert_string_equal(str_text(&user.variables), "");
	assert_int_equal(
	    authrecord_find(db, "auth.cdb", VIEW("jim"), &user, &problem), ANSWER_NO);
	assert_int_equal(
	    authrecord_find(db, "auth.cdb", VIEW("bad"), &user, &problem), ANSWER_ERROR);
	assert_string_equal(problem.where, "auth.cdb");
	assert_int_equal(authrecord_decoy(db, &hash, &problem), ANSWER_YES);
	assert_string_equal(str_text(&hash), "first");
	authdb_user_free(&user);
	str_free(&hash);
	cdbmap_close(db);
}

static void
nobody_is_there(void **state)
{
	struct str hash = { 0 };
	struct problem problem;
	struct cdb_make make;
	struct cdbmap *db;
	int fd = open("empty.cdb", O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	(void)state;
	assert_int_equal(cdb_make_start(&make, fd), 0);
	assert_int_equal(cdb_make_finish(&make), 0);
	close(fd);
	assert_int_equal(cdbmap_open("empty.cdb", &db, &problem), ANSWER_YES);
	assert_int_equal(authrecord_decoy(db, &hash, &problem), ANSWER_NO);
	cdbmap_close(db);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_grammar),
		cmocka_unit_test(too_many),
		cmocka_unit_test(who_is_found),
		cmocka_unit_test(nobody_is_there),
	};

	return cmocka_run_group_tests(tests, unit_enter_directory, NULL);
}
