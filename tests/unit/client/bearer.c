/* bearer: what becomes of a user whose token's file goes while the delivery is under way. */
#include "unit/unit.h"

#include "client/bearer.h"

static const struct limits limits = { .token_ms = 1000 };

static bool
fetch(const char *user, const char *pass, struct route *route, struct report *report)
{
	struct bearer_setting setting = { &limits, deadline_never() };

	assert_true(credential_set(&route->credential, view_of(user), view_of(pass)));
	return bearer_fetch(route, &setting, report);
}

static void
from_a_file(void **state)
{
	struct report report = { 0 };
	struct route route = { 0 };

	(void)state;
	unit_write_file("control/oauthtokens/joe", VIEW("token\n"));
	assert_true(fetch("joe", "", &route, &report));
	assert_true(route.credential.is_token);
	assert_view_equal(credential_pass(&route.credential), VIEW("token"));
	route_free(&route);
	/* Without a file, a password is one. */
	assert_true(fetch("jim", "pw", &route, &report));
	assert_view_equal(credential_pass(&route.credential), VIEW("pw"));
	route_free(&route);
	assert_int_equal(report.message.len, 0);
}

/* outbound 10, item 1: never unauthenticated. */
static void
gone(void **state)
{
	struct report report = { 0 };
	struct route route = { 0 };

	(void)state;
	assert_false(fetch("jim", "", &route, &report));
	assert_view_equal(str_view(&report.message),
	    VIEW("ZUnable to read control files. (#4.3.0)\n"
		 "control/oauthtokens: has no token for the user any more\n"));
	route_free(&route);
	report_free(&report);
}

static int
enter(void **state)
{
	return unit_enter_directory(state) == 0 && mkdir("control/oauthtokens", 0755) == 0
	    ? 0
	    : -1;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(from_a_file),
		cmocka_unit_test(gone),
	};

	return cmocka_run_group_tests(tests, enter, NULL);
}
