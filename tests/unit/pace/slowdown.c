/* pace/slowdown: lines, and what is made of what servers say (outbound 5.5, row 13). */
#include "unit/unit.h"

#include "pace/slowdown.h"

static void
test_lines(void **state)
{
	static const struct {
		const char *line;
		int code; /* -1: none */
		const char *pattern;
		enum slowdown_action action;
		uint32_t seconds;
	} rows[] = {
		{ "454 throttl* slow", 454, "throttl*", SLOWDOWN_SLOW, 0 },
		{ "  421\ttoo many*\tSlow \t", 421, "too many*", SLOWDOWN_SLOW, 0 },
		{ "* daily*quota* close 24h", 0, "daily*quota*", SLOWDOWN_CLOSE, 86400 },
		{ "550 5.4.5 close 90", 550, "5.4.5", SLOWDOWN_CLOSE, 90 },
		{ "* x close 10m", 0, "x", SLOWDOWN_CLOSE, 600 },
		{ "* x close 30s", 0, "x", SLOWDOWN_CLOSE, 30 },
		{ "* x close 9d", 0, "x", SLOWDOWN_CLOSE, SLOWDOWN_CLOSE_MAX },
		{ "* x close 99999999999999999999h", 0, "x", SLOWDOWN_CLOSE,
		    SLOWDOWN_CLOSE_MAX },
		{ "450 close pass", 450, "close", SLOWDOWN_PASS, 0 },
		{ "", -1, "", SLOWDOWN_PASS, 0 },
		{ "454", -1, "", SLOWDOWN_PASS, 0 },
		{ "454 slow", -1, "", SLOWDOWN_PASS, 0 },
		{ "454 close 24h", -1, "", SLOWDOWN_PASS, 0 },
		{ "250 x slow", -1, "", SLOWDOWN_PASS, 0 },
		{ "600 x slow", -1, "", SLOWDOWN_PASS, 0 },
		{ "4* x slow", -1, "", SLOWDOWN_PASS, 0 },
		{ "x 454 slow", -1, "", SLOWDOWN_PASS, 0 },
		{ "454 x stop", -1, "", SLOWDOWN_PASS, 0 },
		{ "454 x close", -1, "", SLOWDOWN_PASS, 0 },
		{ "454 x close 0", -1, "", SLOWDOWN_PASS, 0 },
		{ "454 x close 5w", -1, "", SLOWDOWN_PASS, 0 },
		{ "454 x close h", -1, "", SLOWDOWN_PASS, 0 },
		{ "454 x 24h", -1, "", SLOWDOWN_PASS, 0 },
	};
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++) {
		struct slowdown_rule rule;
		bool ok = slowdown_parse(view_of(rows[i].line), &rule);

		if (ok != (rows[i].code >= 0))
			fail_msg("'%s': %s", rows[i].line, ok ? "accepted" : "refused");
		if (!ok)
			continue;
		assert_int_equal(rule.code, rows[i].code);
		assert_view_equal(rule.pattern, view_of(rows[i].pattern));
		assert_int_equal(rule.action, rows[i].action);
		assert_int_equal(rule.seconds, rows[i].seconds);
	}
}

static void
test_fits(void **state)
{
	static const struct {
		const char *line;
		unsigned code;
		const char *text;
		bool fits;
	} rows[] = {
		{ "454 throttl* slow", 454, "4.7.0 Throttling failure", true },
		{ "454 throttl* slow", 451, "Throttling failure", false },
		{ "* a*b slow", 450, "xAyBz", true },
		{ "* a*b slow", 450, "b a", false },
		{ "* a*b slow", 550, "a b", false },
		{ "550 a*b slow", 550, "a b", true },
		{ "* aa*aa slow", 450, "aaa", false },
		{ "* aa*aa slow", 450, "aaaa", true },
		{ "* * slow", 450, "", true },
		{ "* x slow", 450, "", false },
	};
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++) {
		struct slowdown_rule rule;

		assert_true(slowdown_parse(view_of(rows[i].line), &rule));
		if (slowdown_fits(&rule, rows[i].code, view_of(rows[i].text)) !=
		    rows[i].fits)
			fail_msg("'%s' and '%s'", rows[i].line, rows[i].text);
	}
}

static enum slowdown_action
judge(const char *lines, uint32_t *seconds)
{
	static const struct slowdown none = { .count = 0 };
	struct remotereply reply = { .max_lines = 10, .max_octets = 10000 };
	enum slowdown_action action;
	size_t used;

	remotereply_start(&reply);
	assert_int_equal(
	    remotereply_add(&reply, view_of(lines), &used), REMOTEREPLY_DONE);
	action = slowdown_judge(&none, &reply, seconds);
	remotereply_free(&reply);
	return action;
}

/* What providers say, as they publish it. */
static const struct {
	const char *reply;
	enum slowdown_action action;
	uint32_t seconds;
} said[] = {
	{ "454 Throttling failure: Maximum sending rate exceeded.", SLOWDOWN_SLOW, 0 },
	{ "454 Throttling failure: Daily message quota exceeded.", SLOWDOWN_CLOSE, 3600 },
	{ "451 4.7.500 Server busy. Please try again later", SLOWDOWN_SLOW, 0 },
	{ "451 4.7.650 The mail server [192.0.2.1] has been temporarily rate limited "
	  "due to IP reputation.",
	    SLOWDOWN_SLOW, 0 },
	{ "451 4.7.652 The mail server [192.0.2.1] has exceeded the maximum number of "
	  "connections.",
	    SLOWDOWN_SLOW, 0 },
	{ "432 4.3.2 Concurrent connections limit exceeded.", SLOWDOWN_SLOW, 0 },
	{ "432 4.3.2 STOREDRV.ClientSubmit; sender thread limit exceeded", SLOWDOWN_SLOW,
	    0 },
	{ "421-4.7.28 Our system has detected an unusual rate of\r\n421 4.7.28 mail",
	    SLOWDOWN_SLOW, 0 },
	{ "421 4.7.0 Try again later, closing connection. (EHLO) gsmtp", SLOWDOWN_SLOW,
	    0 },
	{ "421-4.7.0 Our system has detected an\r\n421 4.7.0 unusual rate of "
	  "unsolicited mail",
	    SLOWDOWN_SLOW, 0 },
	{ "450 4.2.1 Peak SMTP relay limit exceeded for customer.", SLOWDOWN_SLOW, 0 },
	{ "550 5.4.5 Daily SMTP relay limit exceeded for user.", SLOWDOWN_CLOSE,
	    4 * 3600 },
	{ "451 Authentication failed: Maximum credits exceeded", SLOWDOWN_CLOSE, 3600 },
	{ "452 Too many recipients received this hour", SLOWDOWN_CLOSE, 600 },
	{ "450 too frequent connects from 192.0.2.1, please try again later.",
	    SLOWDOWN_SLOW, 0 },
	{ "421 4.7.0 [TSS04] Messages from 192.0.2.1 temporarily deferred due to "
	  "unexpected volume",
	    SLOWDOWN_SLOW, 0 },
	{ "421 Too many concurrent SMTP connections; please try again later.",
	    SLOWDOWN_SLOW, 0 },
	{ "454 4.7.0 Too many login attempts, please try again later.", SLOWDOWN_SLOW,
	    0 },
	{ "250 throttling", SLOWDOWN_PASS, 0 },
	{ "450 4.2.1 The user you are trying to contact is receiving mail too quickly.",
	    SLOWDOWN_PASS, 0 },
	{ "452 4.5.3 Too many recipients", SLOWDOWN_PASS, 0 },
	{ "421 4.3.0 Temporary System Problem. Try again later", SLOWDOWN_PASS, 0 },
	{ "450 4.7.1 Greylisted, please try again later", SLOWDOWN_PASS, 0 },
	{ "452 4.2.2 mailbox over quota", SLOWDOWN_PASS, 0 },
	{ "550 5.7.708 Service unavailable. Access denied", SLOWDOWN_PASS, 0 },
	{ "550 5.4.5 no", SLOWDOWN_PASS, 0 },
	{ "550 5.7.1 throttled, rate limit, too many connections", SLOWDOWN_PASS, 0 },
};

static void
test_built_in(void **state)
{
	uint32_t seconds;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(said); i++) {
		struct str lines = { 0 };

		str_append_text(&lines, said[i].reply);
		str_append_text(&lines, "\r\n");
		if (judge(str_text(&lines), &seconds) != said[i].action ||
		    seconds != said[i].seconds)
			fail_msg("'%s'", said[i].reply);
		str_free(&lines);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_fits),
		cmocka_unit_test(test_built_in),
	};

	return cmocka_run_group_tests_name("pace/slowdown", tests, NULL, NULL);
}
