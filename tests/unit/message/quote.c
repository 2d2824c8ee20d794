/* quote and header: when a local part needs quotes, and what is a field. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "message/header.h"
#include "message/quote.h"

#define BYTES(text)                       \
	{                                 \
		"" text, sizeof(text) - 1 \
	}

static const struct {
	struct view address, written;
} addresses[] = {
	{ BYTES(""), BYTES("") },
	{ BYTES("joe@example.org"), BYTES("joe@example.org") },
	{ BYTES("a.b!#$%&'*+-/=?^_`{|}~9@x"), BYTES("a.b!#$%&'*+-/=?^_`{|}~9@x") },
	{ BYTES("joe"), BYTES("joe") },
	{ BYTES("@x"), BYTES("\"\"@x") },
	{ BYTES("a b@x"), BYTES("\"a b\"@x") },
	{ BYTES("a@b@x"), BYTES("\"a@b\"@x") },
	{ BYTES("a\"\\b@x"), BYTES("\"a\\\"\\\\b\"@x") },
	{ BYTES("a\nb\rc@x"), BYTES("\"a\\\nb\\\rc\"@x") },
	{ BYTES(".a@x"), BYTES("\".a\"@x") },
	{ BYTES("a.@x"), BYTES("\"a.\"@x") },
	{ BYTES("a..b@x"), BYTES("\"a..b\"@x") },
	{ BYTES("\xe4@x"), BYTES("\"\xe4\"@x") },
	{ BYTES("\0@x"), BYTES("\"\0\"@x") },
	{ BYTES("(a)@x y"), BYTES("\"(a)\"@x y") },
};

static void
quoting(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof addresses / sizeof *addresses; i++) {
		struct str out = { 0 };

		quote_address(&out, addresses[i].address);
		if (!view_equal(str_view(&out), addresses[i].written))
			fail_msg("%s: %s", addresses[i].address.at, str_text(&out));
		str_free(&out);
	}
}

static const struct {
	struct view line;
	bool is_field;
	enum header_field field;
} fields[] = {
	{ BYTES("To: x\n"), true, HEADER_TO },
	{ BYTES("tO \t:x\n"), true, HEADER_TO },
	{ BYTES("RESENT-message-id:\n"), true, HEADER_RESENT_MESSAGE_ID },
	{ BYTES("X-To: x\n"), true, HEADER_OTHER },
	{ BYTES("!~:\n"), true, HEADER_OTHER },
	{ BYTES(": x\n"), false, HEADER_OTHER },
	{ BYTES(" To: x\n"), false, HEADER_OTHER },
	{ BYTES("To x: y\n"), false, HEADER_OTHER },
	{ BYTES("T\xf6: y\n"), false, HEADER_OTHER },
	{ BYTES("To\n"), false, HEADER_TO },
	{ BYTES("\n"), false, HEADER_OTHER },
	{ BYTES(""), false, HEADER_OTHER },
};

static void
field_lines(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof fields / sizeof *fields; i++) {
		assert_int_equal(
		    header_line_is_field(fields[i].line), fields[i].is_field);
		if (fields[i].is_field)
			assert_int_equal(
			    header_field_of(fields[i].line), fields[i].field);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(quoting),
		cmocka_unit_test(field_lines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
