#include "unit/unit.h"

#include "lib/fmt.h"
#include "lib/mem.h"
#include "sts/line.h"

static void
test_order(void **state)
{
	struct line *line = mem_alloc_zeroed(1, sizeof *line);
	struct line_entry entry = { 0 };

	(void)state;
	assert_false(line_take(line, &entry));
	line_add(line, VIEW("a.example"), false);
	line_add(line, VIEW("b.example"), false);
	line_add(line, VIEW("A.Example"), true); /* again: it keeps its place */
	assert_int_equal(line_length(line), 2);
	assert_true(line_take(line, &entry));
	assert_string_equal(str_text(&entry.domain), "a.example");
	assert_true(entry.used);
	assert_true(line_take(line, &entry));
	assert_string_equal(str_text(&entry.domain), "b.example");
	assert_false(entry.used);
	assert_false(line_take(line, &entry));
	str_free(&entry.domain);
	line_free(line);
	mem_free(line);
}

/* Filled, emptied and filled again, so that it wraps. */
static void
test_bound(void **state)
{
	struct line *line = mem_alloc_zeroed(1, sizeof *line);
	struct line_entry entry = { 0 };
	struct str name = { 0 };
	size_t round, i;

	(void)state;
	for (round = 0; round < 3; round++) {
		for (i = 0; i < LINE_MAX_DOMAINS + 5; i++) {
			str_clear(&name);
			fmt_u64(&name, i);
			line_add(line, str_view(&name), true);
		}
		assert_int_equal(line_length(line), LINE_MAX_DOMAINS);
		for (i = 0; i < LINE_MAX_DOMAINS - 7 * round; i++)
			assert_true(line_take(line, &entry));
		while (line_take(line, &entry))
			continue;
		line_add(line, VIEW("x"), true);
		assert_true(line_take(line, &entry));
		assert_string_equal(str_text(&entry.domain), "x");
	}
	str_free(&name);
	str_free(&entry.domain);
	line_free(line);
	mem_free(line);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = { cmocka_unit_test(test_order),
		cmocka_unit_test(test_bound) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
