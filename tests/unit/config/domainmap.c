/* domainmap: case, the last line wins, suffixes, and lists of every size. */
#include "config/domainmap.h"

#include "unit/unit.h"

static void
check(const char *bytes, char separator, const char *name, bool suffix, const char *value)
{
	struct control_list list = { 0 };
	struct domainmap_hit hit = { VIEW("untouched"), 0 };
	struct domainmap map;
	bool found;

	control_list_parse(view_of(bytes), &list);
	domainmap_make(&map, &list, separator);
	found =
	    (suffix ? domainmap_find_suffix : domainmap_find)(&map, view_of(name), &hit);
	assert_int_equal(found, value != NULL);
	assert_view_equal(hit.value, view_of(value ? value : "untouched"));
	domainmap_free(&map);
	control_list_free(&list);
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
	struct control_list list = { 0 };
	struct domainmap_hit hit = { 0 };
	struct domainmap map;

	(void)state;
	control_list_parse(VIEW("# head\n\na:1\na:2\n"), &list);
	domainmap_make(&map, &list, ':');
	assert_true(domainmap_find(&map, VIEW("A"), &hit));
	assert_int_equal(hit.line, 4);
	assert_true(domainmap_find(&map, VIEW("A"), NULL));
	domainmap_free(&map);
	control_list_free(&list);
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
	struct control_list list = { 0 };
	struct str bytes = { 0 }, name = { 0 };
	struct domainmap map;
	unsigned i;

	(void)state;
	for (i = 0; i < 3000; i++) {
		number_as_name(&bytes, 2 * i);
		str_append_byte(&bytes, '\n');
	}
	control_list_parse(str_view(&bytes), &list);
	domainmap_make(&map, &list, 0);
	for (i = 0; i < 6000; i++) {
		str_clear(&name);
		number_as_name(&name, i);
		assert_int_equal(domainmap_find(&map, str_view(&name), NULL), i % 2 == 0);
	}
	domainmap_free(&map);
	control_list_free(&list);
	str_free(&bytes);
	str_free(&name);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names),
		cmocka_unit_test(suffixes),
		cmocka_unit_test(the_line_is_told),
		cmocka_unit_test(many_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
