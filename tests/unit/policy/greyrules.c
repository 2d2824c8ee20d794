/* Greylisting: which mail is the same, and whom lines leave alone. */
#include "policy/greyrules.h"

#include "unit/unit.h"

static void
key_of(struct str *key, const char *subject, const char *sender, const char *recipient)
{
	struct address address = address_of(view_of(sender));

	str_clear(key);
	greyrules_key(key, view_of(subject), &address, view_of(recipient));
}

static void
which_is_the_same(void **state)
{
	static const struct {
		const char *a[3], *b[3];
		bool same;
	} rows[] = {
		{ { "n", "a@b.c", "d@e.f" }, { "n", "a@b.c", "d@e.f" }, true },
		{ { "n", "a@b.c", "d@e.f" }, { "m", "a@b.c", "d@e.f" }, false },
		{ { "n", "a@b.c", "d@e.f" }, { "n", "x@b.c", "d@e.f" }, false },
		{ { "n", "a@b.c", "d@e.f" }, { "n", "a@b.x", "d@e.f" }, false },
		{ { "n", "a@b.c", "d@e.f" }, { "n", "a@b.c", "x@e.f" }, false },
		{ { "n", "A@B.c", "D@E.f" }, { "n", "a@b.C", "d@e.F" }, true },
		{ { "n", "l-1-x@b.c", "d@e.f" }, { "n", "l-4711-x@b.c", "d@e.f" }, true },
		{ { "n", "l-1-2@b.c", "d@e.f" }, { "n", "l-12@b.c", "d@e.f" }, false },
		{ { "n", "l@b1.c", "d@e.f" }, { "n", "l@b2.c", "d@e.f" }, false },
		{ { "n", "l@b.c", "d1@e.f" }, { "n", "l@b.c", "d2@e.f" }, false },
		{ { "n", "", "d@e.f" }, { "n", "@", "d@e.f" }, true },
		{ { "n", "ab", "d@e.f" }, { "na", "b", "d@e.f" }, false },
		{ { "n", "a@b.cd", "@e.f" }, { "n", "a@b.c", "d@e.f" }, false },
	};
	struct str a = { 0 }, b = { 0 };
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++) {
		key_of(&a, rows[i].a[0], rows[i].a[1], rows[i].a[2]);
		key_of(&b, rows[i].b[0], rows[i].b[1], rows[i].b[2]);
		if (view_equal(str_view(&a), str_view(&b)) != rows[i].same)
			fail_msg("row %zu", i);
	}
	str_free(&a);
	str_free(&b);
}

static void
whose_line_it_is(void **state)
{
	static const struct {
		const char *line, *ip, *sender;
		bool has;
	} rows[] = {
		{ "192.0.2.7", "192.0.2.7", "a@b.c", true },
		{ "192.0.2.7", "192.0.2.70", "a@b.c", false },
		{ "192.0.2.", "192.0.2.70", "a@b.c", true },
		{ "192.0.2.", "192.0.20.1", "a@b.c", false },
		{ "192.", "192.0.20.1", "a@b.c", true },
		{ "19.", "192.0.20.1", "a@b.c", false },
		{ "192.0.2.0/23", "192.0.3.1", "a@b.c", true },
		{ "2001:db8::/32", "2001:db8::1", "a@b.c", true },
		{ "2001:db8::/32", "192.0.2.1", "a@b.c", false },
		{ "0.0.0.0/0", "unknown", "a@b.c", false },
		{ "@b.c", "unknown", "a@B.C", true },
		{ "@b.c", "192.0.2.1", "a@x.b.c", false },
		{ "@b.c", "192.0.2.1", "", false },
		{ "a@b.c", "192.0.2.1", "A@b.c", true },
		{ "a@b.c", "192.0.2.1", "aa@b.c", false },
		{ "\"x@y\"@b.c", "192.0.2.1", "\"x@y\"@b.c", true },
	};
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++) {
		struct address sender = address_of(view_of(rows[i].sender));
		struct ip ip = { 0 };

		ip_parse(view_of(rows[i].ip), &ip);
		assert_true(greyrules_is_line(view_of(rows[i].line)));
		if (greyrules_line_has(view_of(rows[i].line), &ip, &sender) !=
		    rows[i].has)
			fail_msg("row %zu: %s", i, rows[i].line);
	}
}

static void
what_is_no_line(void **state)
{
	static const char *const rows[] = { ".", "..", "192.0.2.7.", "1.2.3.4.", "192.0",
		"300.1.", "host.example", "a@", "@", "a b", "192..2.", ".192." };
	struct address sender = address_of(VIEW("a@b.c"));
	struct ip ip;
	size_t i;

	(void)state;
	assert_true(ip_parse(VIEW("192.0.2.7"), &ip));
	for (i = 0; i < COUNT(rows); i++)
		if (greyrules_is_line(view_of(rows[i])) ||
		    greyrules_line_has(view_of(rows[i]), &ip, &sender))
			fail_msg("%s", rows[i]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(which_is_the_same),
		cmocka_unit_test(whose_line_it_is),
		cmocka_unit_test(what_is_no_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
