/* policy/dnsbl: lines of the lists. */
#include "unit/unit.h"

#include "policy/dnsbl.h"

static void
lines(void **state)
{
	static const struct {
		const char *line, *zone, *text;
		enum dnsbl_action action;
	} cases[] = {
		{ "a.example", "a.example", "", DNSBL_DELAY },
		{ "-a.example.", "a.example", "", DNSBL_REJECT },
		{ "+a.example:x", "a.example", "x", DNSBL_ACCEPT },
		{ "=a.example # c", "a.example", "", DNSBL_LOG },
		{ "a.example:-x #c", "a.example", "x", DNSBL_REJECT },
		{ "a.example:http://x/#y", "a.example", "http://x/#y", DNSBL_DELAY },
		{ "# a", NULL, NULL, DNSBL_DELAY },
		{ "-", NULL, NULL, DNSBL_DELAY },
	};
	struct dnsbl_zone zone;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof cases / sizeof *cases; i++) {
		bool parsed = dnsbl_parse(view_of(cases[i].line), &zone);

		assert_int_equal(parsed, cases[i].zone != NULL);
		if (!parsed)
			continue;
		assert_true(view_equal(zone.zone, view_of(cases[i].zone)));
		assert_true(view_equal(zone.text, view_of(cases[i].text)));
		assert_int_equal(zone.action, cases[i].action);
	}
}

int
main(void)
{
	static const struct CMUnitTest tests[] = { cmocka_unit_test(lines) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
