/* domainmap: case, the last line wins, suffixes, lists of every size, and files. */
#include "config/domainmap.h"

#include <errno.h>

#include "config/control.h"
#include "lib/fmt.h"
#include "unit/unit.h"

static void
check(const char *bytes, char separator, const char *name, bool suffix, const char *value)
{
	struct domainmap_hit hit = { VIEW("untouched"), 0 };
	struct domainmap map;
	bool found;

	domainmap_of(&map, view_of(bytes), separator);
	found =
	    (suffix ? domainmap_find_suffix : domainmap_find)(&map, view_of(name), &hit);
	assert_int_equal(found, value != NULL);
	assert_view_equal(hit.value, view_of(value ? value : "untouched"));
	domainmap_free(&map);
}

static void
names(void **state)
{
	(void)state;
	check("", 0, "a", false, NULL);
	check("", 0, "a", true, NULL);
	check("Example.ORG\n", 0, "eXAMPLE.org", false, "");
	check("example.org\n", 0, "example.or", false, NULL);
	check("example.org\n", 0, "xexample.org", false, NULL);
	check("example.org\n", 0, "", false, NULL);
	check("a:1\nA:2\nb:3\n", ':', "a", false, "2");
	check("a:1:2\n", ':', "a", false, "1:2");
	check("a\nb:\n", ':', "a", false, NULL);
	check("a\nb:\n", ':', "b", false, "");
	check(":x\n", ':', "", false, "x");
	check("a:1\n#a:2\n", ':', "a", false, "1");
}

static void
suffixes(void **state)
{
	static const char map[] = "b.c:whole\n.b.c:below\n.c:top\n:none\n";

	(void)state;
	check(map, ':', "b.c", true, "whole");
	check(map, ':', "a.b.c", true, "below");
	check(map, ':', "x.a.B.C", true, "below");
	check(map, ':', "x.c", true, "top");
	check(map, ':', "c", true, NULL);
	check(map, ':', "", true, NULL);
	check(map, ':', "x.d", true, NULL);
	check(map, ':', "c.", true, NULL);
	check(map, ':', "..c", true, "top");
	check(".\n", 0, "a.", true, "");
}

static void
the_line_is_told(void **state)
{
	struct domainmap_hit hit = { 0 };
	struct domainmap map;

	(void)state;
	domainmap_of(&map, VIEW("# head\n\na:1\na:2\n"), ':');
	assert_true(domainmap_find(&map, VIEW("A"), &hit));
	assert_int_equal(hit.line, 4);
	assert_true(domainmap_find(&map, VIEW("A"), NULL));
	domainmap_free(&map);
}

static void
number_as_name(struct str *out, unsigned n)
{
	str_append_byte(out, 'd');
	for (; n; n /= 7)
		str_append_byte(out, (char)('a' + n % 7));
}

static void
many_names(void **state)
{
	struct str bytes = { 0 }, name = { 0 };
	struct domainmap map;
	unsigned i;

	(void)state;
	for (i = 0; i < 3000; i++) {
		number_as_name(&bytes, 2 * i);
		str_append_byte(&bytes, '\n');
	}
	domainmap_of(&map, str_view(&bytes), 0);
	for (i = 0; i < 6000; i++) {
		str_clear(&name);
		number_as_name(&name, i);
		assert_int_equal(domainmap_find(&map, str_view(&name), NULL), i % 2 == 0);
	}
	domainmap_free(&map);
	str_free(&bytes);
	str_free(&name);
}

/* --- a search in memory, one in a file, and an index say the same ------------------------------------ */

/* The next of a fixed row of numbers, below `n`. */
static unsigned
next_below(uint32_t *seed, unsigned n)
{
	*seed = *seed * 1664525U + 1013904223U;
	return (*seed >> 16) % n;
}

static const struct view words[] = { ROW("example.org"), ROW("@"), ROW("."), ROW("a"),
	ROW("A@Example.ORG"), ROW("b@c.d"), ROW(" "), ROW("\t"), ROW("\r"), ROW("#"),
	ROW(":"), ROW("\0"), ROW("\xe9"), ROW("\xc9"), ROW("x"), ROW("[192.0.2.1]"),
	ROW("`") };

static struct view
next_word(uint32_t *seed)
{
	return words[next_below(seed, COUNT(words))];
}

/* Most lines are one or two words; many names come again, or begin or end another. */
static void
make_list(uint32_t *seed, size_t len, struct str *out)
{
	unsigned i;

	if (next_below(seed, 8) == 0)
		str_append_text(out, "\xef\xbb\xbf");
	while (out->len < len) {
		for (i = next_below(seed, 4); i > 0; i--)
			str_append(out, next_word(seed));
		str_append_text(out, next_below(seed, 8) ? "\n" : " \t\r\n");
	}
	if (next_below(seed, 2))
		str_cut(out, out->len - 1);
}

static void
make_name(uint32_t *seed, struct str *out)
{
	unsigned i;

	for (i = next_below(seed, 4); i > 0; i--)
		str_append(out, next_word(seed));
}

/* What a walk through all entries says. */
static struct domainmap_hit
walk(const struct control_list *list, struct view wanted, char separator)
{
	struct domainmap_hit hit = { VIEW(""), 0 };
	size_t i;

	for (i = 0; i < list->count; i++) {
		struct view name = list->entries[i].text, value = VIEW("");

		if (separator && !view_cut(name, separator, &name, &value))
			continue;
		if (view_equal_nocase(name, wanted))
			hit = (struct domainmap_hit) { value, list->entries[i].line };
	}
	return hit;
}

static void
assert_finds(
    const struct domainmap *map, struct view name, const struct domainmap_hit *right)
{
	struct domainmap_hit hit = { VIEW(""), 0 };

	assert_int_equal(domainmap_find(map, name, NULL), right->line > 0);
	assert_int_equal(domainmap_find(map, name, &hit), right->line > 0);
	assert_int_equal(hit.line, right->line);
	assert_view_equal(hit.value, right->value);
}

static void
search_often(const struct domainmap *map)
{
	unsigned i;

	for (i = 0; i < 40; i++)
		domainmap_find(map, VIEW("none"), NULL);
}

/* `map` is new: first it searches, then it has an index. */
static void
compare(struct domainmap *map, struct view bytes, char separator, uint32_t seed)
{
	struct control_list list = { 0 };
	struct problem problem;
	struct str name = { 0 };
	unsigned i;

	control_list_parse(bytes, &list);
	for (i = 0; i < 200; i++) {
		struct domainmap_hit right;

		str_clear(&name);
		make_name(&seed, &name);
		right = walk(&list, str_view(&name), separator);
		assert_finds(map, str_view(&name), &right);
		if (i == 10)
			search_often(map);
	}
	assert_false(domainmap_failed(map, &problem));
	control_list_free(&list);
	str_free(&name);
	domainmap_free(map);
}

static void
all_ways_agree(void **state)
{
	static const size_t lens[] = { 0, 1, 20, 100, 1000, 16383, 16384, 16385, 40000 };
	uint32_t seed = 1;
	size_t i;

	(void)state;
	for (i = 0; i < 20 * COUNT(lens); i++) {
		struct domainmap map = { 0 };
		struct str bytes = { 0 };

		make_list(&seed, lens[i % COUNT(lens)], &bytes);
		domainmap_of(&map, str_view(&bytes), 0);
		compare(&map, str_view(&bytes), 0, seed);
		domainmap_of(&map, str_view(&bytes), ':');
		compare(&map, str_view(&bytes), ':', seed);
		unit_write_file("control/list", str_view(&bytes));
		assert_int_equal(domainmap_open(&map, "control/list", NULL), ANSWER_YES);
		compare(&map, str_view(&bytes), 0, seed);
		str_free(&bytes);
	}
}

static void
several_names_at_once(void **state)
{
	static const struct view names[] = { ROW("x1.example"), ROW("none"), ROW(""),
		ROW("x3000.example"), ROW("X2.EXAMPLE"), ROW("a"), ROW("b"), ROW("c"),
		ROW("d"), ROW("x2999.example"), ROW("e") };
	static const size_t lines[COUNT(names)] = { 1, 0, 0, 3000, 2, 0, 0, 0, 0, 2999,
		0 };
	struct domainmap_hit hits[COUNT(names)];
	struct domainmap map = { 0 };
	struct str bytes = { 0 };
	size_t i, k;

	(void)state;
	domainmap_find_all(&map, names, COUNT(names), hits);
	assert_int_equal(hits[0].line, 0);
	for (i = 1; i <= 3000; i++) {
		str_append_text(&bytes, "x");
		fmt_u64(&bytes, i);
		str_append_text(&bytes, ".example\n");
	}
	unit_write_file("control/list", str_view(&bytes));
	assert_int_equal(domainmap_open(&map, "control/list", NULL), ANSWER_YES);
	for (k = 0; k < 10; k++) {
		domainmap_find_all(&map, names, COUNT(names), hits);
		for (i = 0; i < COUNT(names); i++)
			assert_int_equal(hits[i].line, lines[i]);
	}
	domainmap_free(&map);
	str_free(&bytes);
}

/* --- files --------------------------------------------------------------------------------------------- */

static void
what_is_no_list(void **state)
{
	struct problem problem = { .what = NULL };
	struct domainmap map = { 0 };

	(void)state;
	assert_int_equal(domainmap_open(&map, "control/none", &problem), ANSWER_NO);
	assert_null(problem.what);
	assert_int_equal(domainmap_open(&map, "control", &problem), ANSWER_ERROR);
	assert_string_equal(problem.where, "control");
	assert_int_equal(problem.error, EISDIR);
	unit_write_file("control/large", VIEW(""));
	assert_int_equal(truncate("control/large", CONTROL_MAX + 1), 0);
	assert_int_equal(domainmap_open(&map, "control/large", &problem), ANSWER_ERROR);
	assert_string_equal(problem.what, "too large");
	assert_int_equal(mkfifo("control/fifo", 0600), 0);
	assert_int_equal(domainmap_open(&map, "control/fifo", &problem), ANSWER_YES);
	assert_false(domainmap_find(&map, VIEW("a"), NULL));
	domainmap_free(&map);
	domainmap_free(&map);
	assert_false(domainmap_failed(&map, &problem));
}

/* A line that no window holds: blanks at the end, which do not count. */
static void
a_very_long_line(void **state)
{
	struct domainmap map = { 0 };
	struct domainmap_hit hit;
	struct str bytes = { 0 };

	(void)state;
	str_append_text(&bytes, "a\nb");
	while (bytes.len < 50000)
		str_append_byte(&bytes, ' ');
	str_append_text(&bytes, "\nc\n");
	unit_write_file("control/list", str_view(&bytes));
	assert_int_equal(domainmap_open(&map, "control/list", NULL), ANSWER_YES);
	assert_true(domainmap_find(&map, VIEW("b"), &hit));
	assert_int_equal(hit.line, 2);
	assert_true(domainmap_find(&map, VIEW("c"), &hit));
	assert_int_equal(hit.line, 3);
	domainmap_free(&map);
	str_free(&bytes);
}

/* A large file that grows past the limit while it is used gives no answer, and says so for good. */
static void
a_file_that_grows(void **state)
{
	struct problem problem = { .what = NULL };
	struct domainmap map = { 0 };
	struct str bytes = { 0 };

	(void)state;
	while (bytes.len < 20000)
		str_append_text(&bytes, "x.example\n");
	unit_write_file("control/list", str_view(&bytes));
	assert_int_equal(domainmap_open(&map, "control/list", NULL), ANSWER_YES);
	assert_true(domainmap_find(&map, VIEW("x.example"), NULL));
	assert_false(domainmap_failed(&map, &problem));
	while (bytes.len <= CONTROL_MAX)
		str_append_text(&bytes, "y.example\n");
	unit_write_file("control/list", str_view(&bytes));
	assert_false(domainmap_find(&map, VIEW("x.example"), NULL));
	assert_true(domainmap_failed(&map, &problem));
	assert_string_equal(problem.where, "control/list");
	assert_string_equal(problem.what, "too large");
	search_often(&map);
	assert_true(domainmap_failed(&map, &problem));
	domainmap_free(&map);
	str_free(&bytes);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names),
		cmocka_unit_test(suffixes),
		cmocka_unit_test(the_line_is_told),
		cmocka_unit_test(many_names),
		cmocka_unit_test(all_ways_agree),
		cmocka_unit_test(several_names_at_once),
		cmocka_unit_test(what_is_no_list),
		cmocka_unit_test(a_very_long_line),
		cmocka_unit_test(a_file_that_grows),
	};

	return cmocka_run_group_tests(tests, unit_enter_directory, NULL);
}
