/* header: what is a field. */
#include "message/header.h"

#include "unit/unit.h"

static const struct {
	struct view line;
	bool is_field;
	enum header_field field;
} fields[] = {
	{ ROW("To: x\n"), true, HEADER_TO },
	{ ROW("tO \t:x\n"), true, HEADER_TO },
	{ ROW("RESENT-message-id:\n"), true, HEADER_RESENT_MESSAGE_ID },
	{ ROW("X-To: x\n"), true, HEADER_OTHER },
	{ ROW("!~:\n"), true, HEADER_OTHER },
	{ ROW(": x\n"), false, HEADER_OTHER },
	{ ROW(" To: x\n"), false, HEADER_OTHER },
	{ ROW("To x: y\n"), false, HEADER_OTHER },
	{ ROW("T\xf6: y\n"), false, HEADER_OTHER },
	{ ROW("To\n"), false, HEADER_TO },
	{ ROW("\n"), false, HEADER_OTHER },
	{ ROW(""), false, HEADER_OTHER },
};

static void
field_lines(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(fields); i++) {
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
		cmocka_unit_test(field_lines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
