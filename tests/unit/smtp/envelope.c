/* envelope: which addresses may go into a command (outbound 2.7). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "smtp/envelope.h"

static void
every_byte_in_either_part(void **state)
{
	int c;

	(void)state;
	for (c = 0; c < 256; c++) {
		char local[] = "a?b@c.d", host[] = "ab@c?d", bare[] = "a?b";
		bool control = c < 32 || c == 127;
		bool in_host = control || c == ' ' || c == '<' || c == '>';

		local[1] = host[4] = bare[1] = (char)c;
		assert_int_equal(
		    envelope_is_forbidden((struct view) { local, 7 }), control);
		if (c != '@')
			assert_int_equal(
			    envelope_is_forbidden((struct view) { host, 6 }), in_host);
		if (c != '@')
			assert_int_equal(
			    envelope_is_forbidden((struct view) { bare, 3 }), in_host);
		assert_int_equal(
		    envelope_is_forbidden_host((struct view) { bare, 3 }), in_host);
	}
	assert_false(envelope_is_forbidden(VIEW("")));
	assert_false(envelope_is_forbidden(VIEW("u@[192.0.2.1]")));
}

static void
the_double_bounce_is_null(void **state)
{
	(void)state;
	assert_true(view_is_empty(envelope_wire_sender(VIEW("#@[]"))));
	assert_true(view_is_empty(envelope_wire_sender(VIEW(""))));
	assert_true(view_equal(envelope_wire_sender(VIEW("#@[]x")), VIEW("#@[]x")));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_byte_in_either_part),
		cmocka_unit_test(the_double_bounce_is_null),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
