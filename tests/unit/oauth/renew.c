/* renew: when a token is renewed, and how long a failing server is left alone. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "oauth/renew.h"

enum { FETCHED = 10000, EXPIRES = FETCHED + 3600 };

static const struct {
	const char *name;
	uint64_t now, changed;
	uint64_t expires; /* 0: no token */
	const char *refused;
	uint64_t failed_at, failures; /* 0: none */
	enum renew_choice choice;
	int usable;
} rows[] = {
	{ "nothing yet", FETCHED, 0, 0, NULL, 0, 0, RENEW_FETCH, 0 },
	{ "fresh", FETCHED + 10, 0, EXPIRES, NULL, 0, 0, RENEW_USE, 1 },
	{ "three quarters, nearly", FETCHED + 2699, 0, EXPIRES, NULL, 0, 0, RENEW_USE,
	    1 },
	{ "ahead of its end", FETCHED + 2700, 0, EXPIRES, NULL, 0, 0, RENEW_FETCH, 1 },
	{ "just before its end", EXPIRES - 11, 0, EXPIRES, NULL, 0, 0, RENEW_FETCH, 1 },
	{ "too late to be sent", EXPIRES - 10, 0, EXPIRES, NULL, 0, 0, RENEW_FETCH, 0 },
	{ "over", EXPIRES + 5, 0, EXPIRES, NULL, 0, 0, RENEW_FETCH, 0 },
	{ "of one second", FETCHED, 0, FETCHED + 1, NULL, 0, 0, RENEW_FETCH, 0 },
	{ "clock set back", FETCHED - 100, 0, EXPIRES, NULL, 0, 0, RENEW_FETCH, 1 },
	{ "settings changed", FETCHED + 10, FETCHED + 5, EXPIRES, NULL, 0, 0, RENEW_FETCH,
	    1 },
	{ "settings from the future", FETCHED + 10, FETCHED + 1000, EXPIRES, NULL, 0, 0,
	    RENEW_USE, 1 },
	{ "refused", FETCHED + 61, 0, EXPIRES, "token", 0, 0, RENEW_FETCH, 0 },
	{ "another was refused", FETCHED + 61, 0, EXPIRES, "older", 0, 0, RENEW_USE, 1 },
	{ "refused, but brand new", FETCHED + 59, 0, EXPIRES, "token", 0, 0, RENEW_WAIT,
	    0 },
	{ "refused, brand new, changed since", FETCHED + 59, FETCHED + 1, EXPIRES,
	    "token", 0, 0, RENEW_FETCH, 0 },
	{ "failed a moment ago, none left", EXPIRES + 29, 0, EXPIRES, NULL, EXPIRES, 1,
	    RENEW_WAIT, 0 },
	{ "failed half a minute ago", EXPIRES + 30, 0, EXPIRES, NULL, EXPIRES, 1,
	    RENEW_FETCH, 0 },
	{ "failed, still good", FETCHED + 2710, 0, EXPIRES, NULL, FETCHED + 2700, 1,
	    RENEW_USE, 1 },
	{ "failed, refused", FETCHED + 2710, 0, EXPIRES, "token", FETCHED + 2700, 1,
	    RENEW_WAIT, 0 },
	{ "failed twice", EXPIRES + 59, 0, EXPIRES, NULL, EXPIRES, 2, RENEW_WAIT, 0 },
	{ "failed, mended since", EXPIRES + 29, EXPIRES + 1, EXPIRES, NULL, EXPIRES, 1,
	    RENEW_FETCH, 0 },
	{ "failed in the future", EXPIRES + 1, 0, EXPIRES, NULL, EXPIRES + 100, 1,
	    RENEW_FETCH, 0 },
};

static void
choices(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct token_kept kept = { VIEW("token"), rows[i].expires, FETCHED };
		struct keep_failure failure = { rows[i].failed_at, rows[i].failures,
			{ 0 } };
		unsigned char digest[TOKEN_DIGEST];
		struct renew_facts facts = { .kept = rows[i].expires ? &kept : NULL,
			.failure = rows[i].failed_at ? &failure : NULL,
			.changed = rows[i].changed,
			.now = rows[i].now };

		if (rows[i].refused) {
			token_digest(view_of(rows[i].refused), digest);
			facts.refused =
			    (struct view) { (const char *)digest, sizeof digest };
		}
		if (renew_choose(&facts) != rows[i].choice ||
		    renew_may_use(&facts) != rows[i].usable)
			fail_msg("%s: %d %d", rows[i].name, (int)renew_choose(&facts),
			    renew_may_use(&facts));
	}
}

static void
pauses(void **state)
{
	(void)state;
	assert_int_equal(renew_pause(1), 30);
	assert_int_equal(renew_pause(2), 60);
	assert_int_equal(renew_pause(7), 1920);
	assert_int_equal(renew_pause(8), 3600);
	assert_int_equal(renew_pause(UINT64_MAX), 3600);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(choices),
		cmocka_unit_test(pauses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
