/* nearname: how far one name is from another, and which is meant. */
#include "check/nearname.h"

#include "unit/unit.h"

static void
distances(void **state)
{
	static const struct {
		const char *a, *b;
		unsigned distance;
	} rows[] = {
		{ "", "", 0 },
		{ "a", "", 1 },
		{ "me", "ME", 0 },
		{ "rcpthost", "rcpthosts", 1 },
		{ "rcptthosts", "rcpthosts", 1 },
		{ "rcpthostz", "rcpthosts", 1 },
		{ "rctphosts", "rcpthosts", 1 }, /* exchanged */
		{ "badmailform", "badmailfrom", 1 },
		{ "abcd", "badc", 2 },
		{ "locals", "virtualdomains", NEARNAME_FAR },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof rows / sizeof *rows; i++) {
		assert_int_equal(
		    nearname_distance(view_of(rows[i].a), view_of(rows[i].b)),
		    rows[i].distance);
		assert_int_equal(
		    nearname_distance(view_of(rows[i].b), view_of(rows[i].a)),
		    rows[i].distance);
	}
}

static void
too_long(void **state)
{
	char name[NEARNAME_MAX + 1];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof name; i++)
		name[i] = 'x';
	assert_int_equal(nearname_distance((struct view) { name, sizeof name },
			     (struct view) { name, sizeof name }),
	    NEARNAME_FAR);
	assert_int_equal(nearname_distance((struct view) { name, NEARNAME_MAX },
			     (struct view) { name, NEARNAME_MAX }),
	    0);
}

static void
guesses(void **state)
{
	(void)state;
	assert_string_equal(nearname_find(VIEW("rcpthost")), "rcpthosts");
	assert_string_equal(nearname_find(VIEW("SMTPROUTES")), "smtproutes");
	assert_null(nearname_find(VIEW("frobnicate-it")));
	assert_null(nearname_find(VIEW("xy"))); /* two octets of two */
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(distances),
		cmocka_unit_test(too_long),
		cmocka_unit_test(guesses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
