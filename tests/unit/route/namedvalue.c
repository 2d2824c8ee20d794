/* namedvalue: the route's own file wins over its profile's; what neither has, and what is broken. */
#include "unit/unit.h"

#include "route/namedvalue.h"

static const struct {
	const char *name, *own, *profile,
	    *of_profile; /* texts of the files; NULL: none */
	enum answer found;
	const char *line, *path;
} rows[] = {
	{ "nothing", NULL, NULL, NULL, ANSWER_NO, "", "" },
	{ "own", "a \r\nb\n", NULL, NULL, ANSWER_YES, "a", "control/routes/r/port" },
	{ "own before the profile's", "a\n", "p\n", "b\n", ANSWER_YES, "a",
	    "control/routes/r/port" },
	{ "empty, but own", "", "p\n", "b\n", ANSWER_YES, "", "control/routes/r/port" },
	{ "of the profile", NULL, "p \r\n", "b\n", ANSWER_YES, "b", "profiles/p/port" },
	{ "the profile has none", NULL, "p\n", NULL, ANSWER_NO, "", "" },
	{ "no such profile", NULL, "other\n", "b\n", ANSWER_ERROR, "", "" },
	{ "a profile elsewhere", NULL, "../control\n", "b\n", ANSWER_ERROR, "", "" },
	{ "an empty profile", NULL, "\n", "b\n", ANSWER_ERROR, "", "" },
};

static void
put(const char *path, const char *text)
{
	unlink(path);
	if (text)
		unit_write_file(path, view_of(text));
}

static void
lines(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++) {
		struct str line = { 0 }, path = { 0 };
		struct problem problem = { 0 };

		put("control/routes/r/port", rows[i].own);
		put("control/routes/r/profile", rows[i].profile);
		put("profiles/p/port", rows[i].of_profile);
		if (namedvalue_line(VIEW("r"), "port", &line, &path, &problem) !=
		    rows[i].found)
			fail_msg("%s", rows[i].name);
		assert_view_equal(str_view(&line), view_of(rows[i].line));
		assert_view_equal(str_view(&path), view_of(rows[i].path));
		assert_string_equal(problem.where,
		    rows[i].found == ANSWER_ERROR ? "control/routes/r/profile:1" : "");
		str_free(&line);
		str_free(&path);
	}
}

static void
lists(void **state)
{
	struct control_list list = { 0 };
	struct str path = { 0 }, line = { 0 };

	(void)state;
	put("control/routes/r/profile", "p\n");
	put("profiles/p/slowdown", "# comment\n450\n\n451 x\n");
	assert_int_equal(
	    namedvalue_list(VIEW("r"), "slowdown", &list, &path, NULL), ANSWER_YES);
	assert_int_equal(list.count, 2);
	assert_int_equal(list.entries[1].line, 4);
	assert_view_equal(list.entries[1].text, VIEW("451 x"));
	control_list_free(&list);
	assert_int_equal(
	    namedvalue_own_line(VIEW("r"), "slowdown", &line, &path, NULL), ANSWER_NO);
	str_free(&path);
}

static int
enter_home(void **state)
{
	return unit_enter_directory(state) == 0 && mkdir("control/routes", 0755) == 0 &&
		mkdir("control/routes/r", 0755) == 0 && mkdir("profiles", 0755) == 0 &&
		mkdir("profiles/p", 0755) == 0
	    ? 0
	    : -1;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines),
		cmocka_unit_test(lists),
	};

	return cmocka_run_group_tests(tests, enter_home, NULL);
}
