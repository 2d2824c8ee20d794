/* quote: when a local part needs quotes. */
#include "lib/quote.h"

#include "unit/unit.h"

static const struct {
	struct view address, written;
} addresses[] = {
	{ ROW(""), ROW("") },
	{ ROW("joe@example.org"), ROW("joe@example.org") },
	{ ROW("a.b!#$%&'*+-/=?^_`{|}~9@x"), ROW("a.b!#$%&'*+-/=?^_`{|}~9@x") },
	{ ROW("joe"), ROW("joe") },
	{ ROW("@x"), ROW("\"\"@x") },
	{ ROW("a b@x"), ROW("\"a b\"@x") },
	{ ROW("a@b@x"), ROW("\"a@b\"@x") },
	{ ROW("a\"\\b@x"), ROW("\"a\\\"\\\\b\"@x") },
	{ ROW("a\nb\rc@x"), ROW("\"a\\\nb\\\rc\"@x") },
	{ ROW(".a@x"), ROW("\".a\"@x") },
	{ ROW("a.@x"), ROW("\"a.\"@x") },
	{ ROW("a..b@x"), ROW("\"a..b\"@x") },
	{ ROW("\xe4@x"), ROW("\"\xe4\"@x") },
	{ ROW("\0@x"), ROW("\"\0\"@x") },
	{ ROW("(a)@x y"), ROW("\"(a)\"@x y") },
};

static void
quoting(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(addresses); i++) {
		struct str out = { 0 };

		quote_address(&out, addresses[i].address);
		if (!view_equal(str_view(&out), addresses[i].written))
			fail_msg("%s: %s", addresses[i].address.at, str_text(&out));
		str_free(&out);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(quoting),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
