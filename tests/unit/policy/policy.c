/* The checks: their lists, their order, who is asked, and which line is to blame. */
#include "policy/policy.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static char home[] = "/tmp/qferry-policy.XXXXXX";

static void
write_control(const char *name, const char *text)
{
	FILE *f = fopen(name, "w");

	assert_non_null(f);
	fputs(text, f);
	assert_int_equal(fclose(f), 0);
}

static const struct {
	const char *sender, *recipient;
	bool relay;
	enum verdict verdict;
	const char *check;
	size_t line;
} cases[] = {
	{ "a@b", "x@example.net", false, VERDICT_PASS, NULL, 0 },
	{ "a@b", "x@EXAMPLE.net", false, VERDICT_PASS, NULL, 0 },
	{ "a@b", "x@a.wild.example", false, VERDICT_PASS, NULL, 0 },
	{ "a@b", "x@a.b.wild.example", false, VERDICT_PASS, NULL, 0 },
	{ "a@b", "x@wild.example", false, VERDICT_REJECT, "rcpthosts", 0 },
	{ "a@b", "x@example.net.", false, VERDICT_REJECT, "rcpthosts", 0 },
	{ "a@b", "x@", false, VERDICT_REJECT, "rcpthosts", 0 },
	{ "a@b", "noat", false, VERDICT_PASS, NULL, 0 },
	{ "a@b", "x@foreign.example", true, VERDICT_PASS, NULL, 0 },
	{ "bad@spam.example", "x@example.net", false, VERDICT_REJECT, "badmailfrom", 2 },
	{ "BAD@spam.EXAMPLE", "x@foreign.example", true, VERDICT_REJECT, "badmailfrom",
	    2 },
	{ "good@spam.example", "x@example.net", false, VERDICT_PASS, NULL, 0 },
	{ "z@Evil.example", "x@foreign.example", false, VERDICT_REJECT, "badmailfrom",
	    4 },
	{ "@evil.example", "x@example.net", false, VERDICT_REJECT, "badmailfrom", 4 },
	{ "a@b@evil.example", "x@example.net", false, VERDICT_REJECT, "badmailfrom", 4 },
	{ "z@sub.evil.example", "x@example.net", false, VERDICT_PASS, NULL, 0 },
	{ "nobody", "x@example.net", false, VERDICT_REJECT, "badmailfrom", 5 },
	{ "", "x@example.net", false, VERDICT_PASS, NULL, 0 },
};

/* As at RCPT: one moment after the other, until something objects. */
static enum verdict
ask(struct policy *policy, bool relay, const struct address *sender,
    const struct address *recipient, struct ruling *why)
{
	static const enum check_moment moments[] = { AT_HELO, AT_SENDER, AT_RECIPIENT,
		AT_HOSTS, AT_MAILBOX, AT_SEARCH, AT_COUNT };
	enum verdict verdict = VERDICT_PASS;
	size_t i;

	for (i = 0; i < sizeof moments / sizeof *moments && verdict == VERDICT_PASS; i++)
		verdict = policy_ask(policy, moments[i], relay, sender, recipient, why);
	return verdict;
}

static void
verdicts(void **state)
{
	struct policy policy = { 0 };
	struct problem problem;
	size_t i;

	(void)state;
	assert_int_equal(policy_read(&policy, &problem), ANSWER_YES);
	assert_false(policy_is_open_relay(&policy));
	for (i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct address sender = address_of(view_of(cases[i].sender));
		struct address recipient = address_of(view_of(cases[i].recipient));
		struct ruling why = { .check = NULL };
		enum verdict verdict =
		    ask(&policy, cases[i].relay, &sender, &recipient, &why);

		if (verdict != cases[i].verdict || why.line != cases[i].line ||
		    !why.check != !cases[i].check ||
		    (why.check && strcmp(why.check, cases[i].check) != 0))
			fail_msg("%s to %s: verdict %d by %s line %zu", cases[i].sender,
			    cases[i].recipient, (int)verdict, why.check, why.line);
		if (cases[i].check && strcmp(cases[i].check, "rcpthosts") == 0)
			assert_int_equal(
			    policy_takes_host(&policy, &recipient, &problem), ANSWER_NO);
	}
	policy_free(&policy);
}

/* A companion that is no cdb is found out when the answer depends on it. */
static void
damaged_companion(void **state)
{
	struct address sender = address_of(VIEW("a@b"));
	struct address known = address_of(VIEW("x@example.net"));
	struct address unknown = address_of(VIEW("x@foreign.example"));
	struct policy policy = { 0 };
	struct problem problem;
	struct ruling why;

	(void)state;
	write_control("control/morercpthosts.cdb", "nonsense");
	assert_int_equal(policy_read(&policy, &problem), ANSWER_YES);
	assert_int_equal(ask(&policy, false, &sender, &known, &why), VERDICT_PASS);
	assert_int_equal(policy_takes_host(&policy, &known, &problem), ANSWER_YES);
	assert_int_equal(ask(&policy, false, &sender, &unknown, &why), VERDICT_CLOSE);
	assert_int_equal(policy_takes_host(&policy, &unknown, &problem), ANSWER_ERROR);
	assert_string_equal(problem.where, "control/morercpthosts.cdb");
	assert_int_equal(why.reply.code, 421);
	assert_string_equal(why.problem.where, "control/morercpthosts.cdb");
	policy_free(&policy);
	unlink("control/morercpthosts.cdb");
}

static void
absent_and_unreadable(void **state)
{
	struct address a = address_of(VIEW("a@evil.example"));
	struct policy policy = { 0 };
	struct problem problem = { 0 };
	struct ruling why;

	(void)state;
	unlink("control/rcpthosts");
	unlink("control/badmailfrom");
	assert_int_equal(policy_read(&policy, &problem), ANSWER_YES);
	assert_true(policy_is_open_relay(&policy));
	assert_int_equal(ask(&policy, false, &a, &a, &why), VERDICT_PASS);
	assert_int_equal(policy_takes_host(&policy, &a, &problem), ANSWER_YES);
	policy_free(&policy);
	assert_int_equal(mkdir("control/badmailfrom", 0700), 0);
	assert_int_equal(policy_read(&policy, &problem), ANSWER_ERROR);
	assert_string_equal(problem.where, "control/badmailfrom");
	policy_free(&policy);
	rmdir("control/badmailfrom");
}

static int
make_home(void **state)
{
	(void)state;
	if (!mkdtemp(home) || chdir(home) < 0 || mkdir("control", 0700) < 0)
		return -1;
	write_control("control/rcpthosts", "example.net\n.wild.example\n");
	write_control("control/badmailfrom",
	    "# comment\nbad@spam.example\n\n@evil.example  \nnobody\n");
	return 0;
}

static int
remove_home(void **state)
{
	(void)state;
	unlink("control/rcpthosts");
	unlink("control/badmailfrom");
	rmdir("control");
	return chdir("/") == 0 && rmdir(home) == 0 ? 0 : -1;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(verdicts),
		cmocka_unit_test(damaged_companion),
		cmocka_unit_test(absent_and_unreadable),
	};

	return cmocka_run_group_tests(tests, make_home, remove_home);
}
