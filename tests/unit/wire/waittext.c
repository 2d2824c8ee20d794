/* wire/waittext: the line of a report that says until when mail waits (outbound 1.3). */
#include "unit/unit.h"

#include "wire/waittext.h"

enum { WHEN = 1795880400 }; /* 2026-11-28T15:40:00Z */

static void
test_written_and_found(void **state)
{
	struct str text = { 0 };
	int64_t until = 0;

	(void)state;
	str_append_text(&text, "Connected to 192.0.2.1 but sender was rejected.\n");
	waittext_append(&text, VIEW("@ses"), WHEN, VIEW("454 no\n\x80 more"));
	assert_string_equal(str_text(&text),
	    "Connected to 192.0.2.1 but sender was rejected.\n"
	    "Mail for @ses waits until 2026-11-28T15:40:00Z: 454 no?? more (#4.3.2)\n");
	str_append_text(&text, "Remote host said: 454 no\n");
	assert_true(waittext_find(str_view(&text), &until));
	assert_true(until == WHEN);
	str_free(&text);
}

static void
test_long_parts_are_cut(void **state)
{
	static const char many[1000] = { 'x' };
	struct str text = { 0 };
	int64_t until;

	(void)state;
	waittext_append(&text, (struct view) { many, sizeof many }, WHEN,
	    (struct view) { many, sizeof many });
	assert_true(text.len < 2 * WAITTEXT_REASON_MAX + 100);
	assert_true(waittext_find(str_view(&text), &until));
	str_free(&text);
}

static void
test_nothing_else_is_one(void **state)
{
	static const char *const rows[] = {
		"",
		"454-Mail for x waits until 2026-11-28T15:40:00Z: y (#4.3.2)\n",
		"Remote: Mail for x waits until 2026-11-28T15:40:00Z: y (#4.3.2)\n",
		" Mail for x waits until 2026-11-28T15:40:00Z: y (#4.3.2)\n",
		"Mail for x waits until 2026-11-28T15:40:00Z: y\n",
		"Mail for x waits until 2026-11-28T15:40:00Z: y (#4.3.2)",
		"Mail for x waits until tomorrow: y (#4.3.2)\n",
		"Mail for x waits (#4.3.2)\n",
		"Mail for  (#4.3.2)\n",
	};
	int64_t until;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++)
		if (waittext_find(view_of(rows[i]), &until))
			fail_msg("'%s'", rows[i]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_written_and_found),
		cmocka_unit_test(test_long_parts_are_cut),
		cmocka_unit_test(test_nothing_else_is_one),
	};

	return cmocka_run_group_tests_name("wire/waittext", tests, NULL, NULL);
}
