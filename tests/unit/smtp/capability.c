/* capability: tables of EHLO answers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "smtp/capability.h"

static const struct {
	const char *text;
	bool starttls, pipelining, eightbitmime, size;
	uint64_t limit;
	const char *has, *lacks;
} rows[] = {
	{ "250 mx.example.org\n", 0, 0, 0, 0, 0, "", "PLAIN" },
	{ "", 0, 0, 0, 0, 0, "", "" },
	{ "250-STARTTLS\n250 PIPELINING\n", 0, 1, 0, 0, 0, "",
	    "" }, /* line 1 is a name */
	{ "250-mx\n250-starttls\n250-PipeLining\n250-8BITMIME\n250 SIZE 1000\n", 1, 1, 1,
	    1, 1000, "", "" },
	{ "250-mx\n250-SIZE\n250 STARTTLSX\n", 0, 0, 0, 1, 0, "", "" },
	{ "250-mx\n250 SIZE 99999999999999999999999\n", 0, 0, 0, 1, UINT64_MAX, "", "" },
	{ "250-mx\n250 SIZE 10M\n", 0, 0, 0, 1, 0, "", "" },
	{ "250-mx\n250 AUTH plain LOGIN\n", 0, 0, 0, 0, 0, "PLAIN", "OGIN" },
	{ "250-mx\n250 AUTH=LOGIN PLAIN\n", 0, 0, 0, 0, 0, "LOGIN", "AUTH=LOGIN" },
	{ "250-mx\n250-AUTH=LOGIN\n250 AUTH CRAM-MD5\n", 0, 0, 0, 0, 0, "CRAM-MD5",
	    "CRAM" },
	{ "250-mx\n250 XAUTH LOGIN\n", 0, 0, 0, 0, 0, "", "LOGIN" },
	{ "250-mx\n2\n250 STARTTLS\n", 1, 0, 0, 0, 0, "", "" },
	{ "250-mx\n250-STARTTLS\n250-SIZE 10", 1, 0, 0, 0, 0, "",
	    "" }, /* cut by a bound */
};

static void
answers_to_ehlo(void **state)
{
	struct capabilities c = { 0 };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof rows / sizeof *rows; i++) {
		capabilities_parse(&c, view_of(rows[i].text));
		assert_int_equal(c.starttls, rows[i].starttls);
		assert_int_equal(c.pipelining, rows[i].pipelining);
		assert_int_equal(c.eightbitmime, rows[i].eightbitmime);
		assert_int_equal(c.size, rows[i].size);
		assert_true(c.size_limit == rows[i].limit);
		if (*rows[i].has)
			assert_true(capabilities_have_auth(&c, view_of(rows[i].has)));
		assert_false(capabilities_have_auth(&c, view_of(rows[i].lacks)));
	}
	capabilities_clear(&c);
}

/* What was offered before TLS is forgotten (outbound 4.3). */
static void
a_new_answer_replaces_all(void **state)
{
	struct capabilities c = { 0 };

	(void)state;
	capabilities_parse(
	    &c, VIEW("250-mx\n250-STARTTLS\n250-SIZE 5\n250 AUTH PLAIN\n"));
	capabilities_parse(&c, VIEW("250-mx\n250 8BITMIME\n"));
	assert_false(c.starttls || c.size || c.size_limit);
	assert_true(c.eightbitmime);
	assert_false(capabilities_have_auth(&c, VIEW("PLAIN")));
	capabilities_clear(&c);
}

/* RFC 9422 */
static void
limits_of_a_connection(void **state)
{
	static const struct {
		const char *text;
		uint64_t mail_max, rcpt_max, rcpt_domain_max;
	} limits[] = {
		{ "250-mx\n250 PIPELINING\n", 0, 0, 0 },
		{ "250-mx\n250 LIMITS\n", 0, 0, 0 },
		{ "250-mx\n250 limits RCPTMAX=10 mailmax=3\n", 3, 10, 0 },
		{ "250-mx\n250 LIMITS RCPTDOMAINMAX=1 RCPTMAX=2\n", 0, 2, 1 },
		{ "250-mx\n250 LIMITS MAILMAX=x RCPTMAX= RCPTDOMAINMAX\n", 0, 0, 0 },
		{ "250-mx\n250 LIMITSX MAILMAX=3\n", 0, 0, 0 },
		{ "250-mx\n250 LIMITS XMAILMAX=3 RCPTMAXX=4\n", 0, 0, 0 },
		{ "250-mx\n250 LIMITS RCPTMAX=99999999999999999999999\n", 0, UINT64_MAX,
		    0 },
		{ "250-mx\n250 LIMITS MAILMAX=x RCPTMAX= RCPTDOMAINMAX=-1\n", 0, 0, 0 },
	};
	struct capabilities c = { 0 };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof limits / sizeof *limits; i++) {
		capabilities_parse(&c, view_of(limits[i].text));
		assert_true(c.mail_max == limits[i].mail_max);
		assert_true(c.rcpt_max == limits[i].rcpt_max);
		assert_true(c.rcpt_domain_max == limits[i].rcpt_domain_max);
	}
	capabilities_clear(&c);
}

/* RFC 3030 */
static void
chunking(void **state)
{
	struct capabilities c = { 0 };

	(void)state;
	capabilities_parse(&c, VIEW("250-mx\n250 Chunking\n"));
	assert_true(c.chunking);
	capabilities_parse(&c, VIEW("250-CHUNKING\n250 CHUNKINGX\n"));
	assert_false(c.chunking);
	capabilities_clear(&c);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answers_to_ehlo),
		cmocka_unit_test(a_new_answer_replaces_all),
		cmocka_unit_test(limits_of_a_connection),
		cmocka_unit_test(chunking),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
