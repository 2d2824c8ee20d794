/* crowding: replies of servers that have too many of our connections (outbound 5.5, row 13). */
#include "unit/unit.h"

#include "smtp/crowding.h"

static const struct {
	const char *reply;
	bool meant;
} rows[] = {
	{ "421 4.7.0 mx.example Error: too many connections from 192.0.2.1\r\n", true },
	{ "421 Too many concurrent SMTP connections; please try again later.\r\n", true },
	{ "421 4.3.2 The maximum number of concurrent connections has exceeded a "
	  "limit\r\n",
	    true },
	{ "421-4.7.0 hello\r\n421 4.7.0 TOO MANY SESSIONS opened\r\n", true },
	{ "452 4.3.2 connection limit reached\r\n", true },
	{ "554 5.7.1 too many connections\r\n", false },
	{ "250 too many connections\r\n", false },
	{ "451 4.7.1 Greylisted, please try again in 5 minutes\r\n", false },
	{ "421 4.4.2 mx.example Error: timeout exceeded\r\n", false },
	{ "452 4.5.3 too many recipients\r\n", false },
	{ "421 closing connection\r\n", false },
	{ "421\r\n", false },
};

static void
words(void **state)
{
	size_t i, used;

	(void)state;
	for (i = 0; i < COUNT(rows); i++) {
		struct remotereply r = { .max_lines = 100, .max_octets = 65536 };

		remotereply_start(&r);
		remotereply_add(&r, view_of(rows[i].reply), &used);
		if (crowding_is_meant(&r) != rows[i].meant)
			fail_msg("%s", rows[i].reply);
		remotereply_free(&r);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
