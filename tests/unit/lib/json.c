/* json: what strings become, whatever is in them. */
#include "unit/unit.h"

#include "lib/json.h"

static const struct {
	const char *name;
	struct view text;
	const char *json;
} cases[] = {
	{ "empty", { "", 0 }, "\"\"" },
	{ "plain", { "a@b.example", 11 }, "\"a@b.example\"" },
	{ "quotes", { "a\"b\\c", 5 }, "\"a\\\"b\\\\c\"" },
	{ "controls", { "\n\t\r\x1b\x7f\0", 6 },
	    "\"\\n\\t\\u000d\\u001b\\u007f\\u0000\"" },
	{ "UTF-8", { "\xc3\xa4\xe2\x82\xac\xf0\x9f\x93\xa7", 9 },
	    "\"\xc3\xa4\xe2\x82\xac\xf0\x9f\x93\xa7\"" },
	{ "a single octet", { "\xe4x", 2 }, "\"\\ufffdx\"" },
	{ "cut short", { "\xe2\x82", 2 }, "\"\\ufffd\\ufffd\"" },
	{ "too long for it", { "\xc0\xaf", 2 }, "\"\\ufffd\\ufffd\"" },
	{ "a surrogate", { "\xed\xa0\x80", 3 }, "\"\\ufffd\\ufffd\\ufffd\"" },
	{ "beyond the last", { "\xf4\x90\x80\x80", 4 },
	    "\"\\ufffd\\ufffd\\ufffd\\ufffd\"" },
};

static void
strings(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct str out = { 0 };

		json_string(&out, cases[i].text);
		assert_string_equal(str_text(&out), cases[i].json);
		str_free(&out);
	}
}

static void
keys(void **state)
{
	struct str out = { 0 };

	(void)state;
	str_append_byte(&out, '{');
	json_key(&out, "a");
	str_append_byte(&out, '1');
	json_key(&out, "b");
	assert_string_equal(str_text(&out), "{\"a\":1,\"b\":");
	str_free(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(strings),
		cmocka_unit_test(keys),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
