/* wire/brokercommands: lists of whole command lines. */
#include "wire/brokercommands.h"
#include "unit/unit.h"

static void
lines_as_in_a_file(void **state)
{
	static const struct {
		const char *line;
		struct view packed;
	} cases[] = {
		{ "bin/qmail-queue", ROW("\0bin/qmail-queue\0") },
		{ "vchkpw /bin/true", ROW("\1vchkpw\0/bin/true\0") },
		{ "  /a\tb  c ", ROW("\0/a\0b\0c\0") },
		{ ":echo a  b", ROW("\0/bin/sh\0-c\0echo a  b\0") },
		{ ":", ROW("\0/bin/sh\0-c\0\0") },
	};
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(cases); i++) {
		struct broker_commands list = { 0 };

		brokercommands_add_line(&list, view_of(cases[i].line));
		assert_int_equal(list.count, 1);
		assert_view_equal(str_view(&list.packed[0]), cases[i].packed);
		assert_true(brokercommands_have(&list, cases[i].packed));
		brokercommands_free(&list);
	}
}

static void
what_is_no_command(void **state)
{
	static const struct view bad[] = { ROW(""), ROW("\0"), ROW("\0\0"), ROW("\2a\0"),
		ROW("\0a"), ROW("\0\0a\0") };
	struct broker_commands list = { 0 };
	char *argv[BROKER_WORDS_MAX + 1];
	struct str packed = { 0 };
	bool search;
	size_t i;

	(void)state;
	brokercommands_add_line(&list, VIEW(""));
	brokercommands_add_line(&list, VIEW("  "));
	for (i = 0; i < COUNT(bad); i++) {
		str_set(&packed, bad[i]);
		assert_false(brokercommands_unpack(&packed, argv, &search));
		brokercommands_add_packed(&list, bad[i]);
	}
	assert_int_equal(list.count, 0);
	str_free(&packed);
}

static void
words_come_back(void **state)
{
	char name[] = "prog", empty[] = "", last[] = "a b";
	char *argv[] = { name, empty, last, NULL }, *out[BROKER_WORDS_MAX + 1];
	struct str packed = { 0 };
	bool search = false;

	(void)state;
	brokercommands_pack(&packed, argv, true);
	assert_true(brokercommands_unpack(&packed, out, &search));
	assert_true(search);
	assert_string_equal(out[0], "prog");
	assert_string_equal(out[1], "");
	assert_string_equal(out[2], "a b");
	assert_null(out[3]);
	str_free(&packed);
}

/* Nothing is searched where there is a '/'; so both ways to ask are the same command. */
static void
a_path_is_not_searched(void **state)
{
	char path[] = "bin/x";
	char *argv[] = { path, NULL };
	struct broker_commands list = { 0 };

	(void)state;
	brokercommands_add(&list, argv, true);
	brokercommands_add(&list, argv, false);
	brokercommands_add_line(&list, VIEW("bin/x"));
	assert_int_equal(list.count, 1);
	brokercommands_free(&list);
}

static void
bounds(void **state)
{
	struct broker_commands list = { 0 };
	struct str line = { 0 };
	size_t i;

	(void)state;
	for (i = 0; i < BROKER_WORDS_MAX; i++)
		str_append_text(&line, "a ");
	brokercommands_add_line(&list, str_view(&line));
	assert_int_equal(list.count, 1);
	str_append_text(&line, "a");
	brokercommands_add_line(&list, str_view(&line));
	assert_int_equal(list.count, 1);
	str_clear(&line);
	while (line.len < BROKER_COMMAND_MAX)
		str_append_byte(&line, 'a');
	brokercommands_add_line(&list, str_view(&line));
	assert_int_equal(list.count, 1);
	for (i = 0; i < 2 * BROKER_COMMANDS_MAX; i++) {
		str_clear(&line);
		str_append_text(&line, "/x ");
		while (line.len < i + 5)
			str_append_byte(&line, 'b');
		brokercommands_add_line(&list, str_view(&line));
	}
	assert_int_equal(list.count, BROKER_COMMANDS_MAX);
	str_free(&line);
	brokercommands_free(&list);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_as_in_a_file),
		cmocka_unit_test(what_is_no_command),
		cmocka_unit_test(words_come_back),
		cmocka_unit_test(a_path_is_not_searched),
		cmocka_unit_test(bounds),
	};

	return cmocka_run_group_tests_name("wire/brokercommands", tests, NULL, NULL);
}
