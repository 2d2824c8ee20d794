/* policy/sppfile: which lines are in which section. */
#include "unit/unit.h"

#include "policy/sppfile.h"

static void
sections(void **state)
{
	static const struct {
		enum spp_section section;
		const char *plugins; /* each with a blank behind it */
	} cases[] = {
		{ SPP_CONNECTION, "c1 c2 c3 " },
		{ SPP_HELO, "" },
		{ SPP_MAIL, ":m1 " },
		{ SPP_RCPT, "r1 " },
		{ SPP_PASS, "p1 " },
		{ SPP_DATA, "d1 " },
		{ SPP_AUTH, "a1 " },
	};
	struct control_list lines = { 0 };
	size_t i;

	(void)state;
	control_list_parse(VIEW("none\n[connection]\nc1\n#no\nc2\n[helo]\n[m\n:m1\n"
				"[Rcpt]\nnone\n[]\nnone\n[\nnone\n[rcptto]\nr1\n[xyz]\n"
				"none\n[pass]\np1\n[data\nd1\n[auth]\na1 \n[c]\nc3"),
	    &lines);
	for (i = 0; i < COUNT(cases); i++) {
		struct sppfile_walk walk = { 0 };
		const struct control_entry *entry;
		struct str found = { 0 };

		while ((entry = sppfile_next(&lines, cases[i].section, &walk))) {
			str_append(&found, entry->text);
			str_append_byte(&found, ' ');
		}
		assert_string_equal(str_text(&found), cases[i].plugins);
		str_free(&found);
	}
	control_list_free(&lines);
}

static void
an_empty_file_has_none(void **state)
{
	struct control_list lines = { 0 };
	struct sppfile_walk walk = { 0 };

	(void)state;
	assert_null(sppfile_next(&lines, SPP_CONNECTION, &walk));
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(sections),
		cmocka_unit_test(an_empty_file_has_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
