#include "unit/unit.h"

#include "sts/record.h"

enum { TEXTS = 3 };

static const struct {
	const char *name;
	struct view texts[TEXTS];
	size_t count;
	enum record_result result;
	const char *id;
} rows[] = {
	{ "nothing", { ROW("") }, 0, RECORD_NONE, "" },
	{ "one", { ROW("v=STSv1; id=20160831085700Z;") }, 1, RECORD_ONE,
	    "20160831085700Z" },
	{ "without the last semicolon", { ROW("v=STSv1;id=a") }, 1, RECORD_ONE, "a" },
	{ "blanks", { ROW("v=STSv1 ;\tid = a1 \t; ") }, 1, RECORD_ONE, "a1" },
	{ "others beside it",
	    { ROW("v=spf1 -all"), ROW("v=STSv1; id=a"), ROW("v=STSv10; id=b") }, 3,
	    RECORD_ONE, "a" },
	{ "another field first", { ROW("v=STSv1; x=y; id=a") }, 1, RECORD_ONE, "a" },
	{ "the first id", { ROW("v=STSv1; id=a; id=b") }, 1, RECORD_ONE, "a" },
	{ "32 octets", { ROW("v=STSv1; id=01234567890123456789012345678901") }, 1,
	    RECORD_ONE, "01234567890123456789012345678901" },
	{ "33 octets", { ROW("v=STSv1; id=012345678901234567890123456789012") }, 1,
	    RECORD_INVALID, "" },
	{ "two", { ROW("v=STSv1; id=a"), ROW("v=STSv1; id=a") }, 2, RECORD_SEVERAL, "" },
	{ "two, one of them broken", { ROW("v=STSv1; id=a"), ROW("v=STSv1;") }, 2,
	    RECORD_SEVERAL, "" },
	{ "no id", { ROW("v=STSv1;") }, 1, RECORD_INVALID, "" },
	{ "empty id", { ROW("v=STSv1; id=;") }, 1, RECORD_INVALID, "" },
	{ "not alphanumeric", { ROW("v=STSv1; id=a-b") }, 1, RECORD_INVALID, "" },
	{ "a NUL", { ROW("v=STSv1; id=a\0b") }, 1, RECORD_INVALID, "" },
	{ "no field", { ROW("v=STSv1; id") }, 1, RECORD_INVALID, "" },
	{ "no semicolon", { ROW("v=STSv1") }, 1, RECORD_NONE, "" },
	{ "a blank in front", { ROW(" v=STSv1; id=a") }, 1, RECORD_NONE, "" },
	{ "version in another case", { ROW("v=stsv1; id=a") }, 1, RECORD_NONE, "" },
	{ "version not first", { ROW("id=a; v=STSv1;") }, 1, RECORD_NONE, "" },
};

static void
test_rows(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++) {
		struct view id = VIEW("");

		print_message("%s\n", rows[i].name);
		assert_int_equal(
		    record_find(rows[i].texts, rows[i].count, &id), rows[i].result);
		assert_view_equal(id, view_of(rows[i].id));
	}
}

int
main(void)
{
	static const struct CMUnitTest tests[] = { cmocka_unit_test(test_rows) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
