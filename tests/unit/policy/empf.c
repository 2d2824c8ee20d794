/* policy/empf: who may write to whom, and which lines are malformed. */
#include "unit/unit.h"

#include "policy/empf.h"

static const char policy[] =
    "# comment\n"
    "; comment, without a colon\n"
    "closed.example:LIre,sales:RE,task:R(*@far.example)E(a,*@far.example),\n"
    "open.example:LREI,\n"
    "twice.example:r,\n"
    "twice.example:R,\n"
    "last.example:Rr,s*:r,sa*:R,both:Er,\n"
    "own.example:R(*@far.example),\n"
    "set.example:r,[!a-m]*:R,?:R,\\*:R,\n"
    "quiet.example:i,\n";

static const struct {
	const char *sender, *recipient;
	enum empf_verdict verdict;
	size_t line;
} cases[] = {
	{ "a@far.example", "b@far.example", EMPF_ALLOWED, 0 },
	{ "a@open.example", "b@far.example", EMPF_ALLOWED, 0 },
	{ "a@closed.example", "b@CLOSED.example", EMPF_ALLOWED, 0 },
	{ "a@closed.example", "b@far.example", EMPF_DENIED, 3 },
	{ "a@closed.example", "b@open.example", EMPF_DENIED, 3 },
	{ "a@open.example", "b@closed.example", EMPF_DENIED, 3 },
	{ "a@far.example", "b@closed.example", EMPF_DENIED, 3 },
	{ "Sales@Closed.Example", "b@far.example", EMPF_ALLOWED, 0 },
	{ "a@far.example", "sales@closed.example", EMPF_ALLOWED, 0 },
	{ "task@closed.example", "b@FAR.example", EMPF_ALLOWED, 0 },
	{ "task@closed.example", "b@open.example", EMPF_DENIED, 3 },
	{ "task@closed.example", "b@closed.example", EMPF_ALLOWED, 0 },
	{ "a", "task@closed.example", EMPF_ALLOWED, 0 },
	{ "b", "task@closed.example", EMPF_DENIED, 3 },
	{ "", "a@closed.example", EMPF_DENIED, 3 },
	{ "a@twice.example", "b@far.example", EMPF_DENIED, 5 },
	{ "a@last.example", "b@far.example", EMPF_DENIED, 7 },
	{ "sue@last.example", "b@far.example", EMPF_DENIED, 7 },
	{ "sales@last.example", "b@far.example", EMPF_ALLOWED, 0 },
	{ "both@last.example", "b@far.example", EMPF_DENIED, 7 },
	{ "b@far.example", "both@last.example", EMPF_ALLOWED, 0 },
	{ "a@own.example", "b@far.example", EMPF_ALLOWED, 0 },
	{ "a@own.example", "b@open.example", EMPF_DENIED, 8 },
	{ "abc@set.example", "b@far.example", EMPF_DENIED, 9 },
	{ "a@set.example", "b@far.example", EMPF_ALLOWED, 0 },
	{ "nbc@set.example", "b@far.example", EMPF_ALLOWED, 0 },
	{ "!x@set.example", "b@far.example", EMPF_ALLOWED, 0 },
	{ "a@b@set.example", "b@far.example", EMPF_DENIED, 9 },
	{ "a@quiet.example", "b@quiet.example", EMPF_DENIED, 10 },
	{ "a@far.example", "b@quiet.example", EMPF_ALLOWED, 0 },
};

static enum empf_verdict
decide(const struct control_list *lines, const char *from, const char *to,
    struct empf_ruling *why)
{
	struct address sender = address_of(view_of(from)),
		       recipient = address_of(view_of(to));

	return empf_decide(
	    lines, &(struct empf_question) { &sender, &recipient, true, true }, why);
}

static void
decisions(void **state)
{
	struct control_list lines = { 0 };
	struct empf_ruling why;
	size_t i;

	(void)state;
	control_list_parse(view_of(policy), &lines);
	for (i = 0; i < COUNT(cases); i++) {
		enum empf_verdict verdict =
		    decide(&lines, cases[i].sender, cases[i].recipient, &why);

		if (verdict != cases[i].verdict ||
		    (verdict != EMPF_ALLOWED && why.line != cases[i].line))
			fail_msg("%s to %s: %d by line %zu, %s", cases[i].sender,
			    cases[i].recipient, (int)verdict, why.line,
			    why.fault ? why.fault : "no fault");
	}
	control_list_free(&lines);
}

static void
a_domain_that_is_not_ours_has_no_policy(void **state)
{
	struct address inside = address_of(VIEW("a@closed.example")),
		       outside = address_of(VIEW("b@far.example"));
	struct empf_question q = { &inside, &outside, false, false };
	struct control_list lines = { 0 };
	struct empf_ruling why;

	(void)state;
	control_list_parse(view_of(policy), &lines);
	assert_int_equal(empf_decide(&lines, &q, &why), EMPF_ALLOWED);
	q = (struct empf_question) { &outside, &inside, true, false };
	assert_int_equal(empf_decide(&lines, &q, &why), EMPF_ALLOWED);
	control_list_free(&lines);
}

static void
malformed_lines(void **state)
{
	static const char *const texts[] = {
		"no colon",
		"a.example:",
		"a.example:L",
		"a.example:,",
		"a.example:X,",
		"a.example:LRX,",
		"a.example:L R,",
		"a.example:(a),",
		"a.example:L(),",
		"a.example:L(a,),",
		"a.example:L(,a),",
		"a.example:L(a,,b),",
		"a.example:L(a,",
		"a.example:L(a)),",
		"a.example:L,user",
		"a.example:L,user:R",
		"a.example:L,user,",
		"a.example:L,:R,",
		"a.example:L,user:,",
		"a.example:L,user:x,",
		"a.example:L,,",
	};
	struct empf_ruling why;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(texts); i++) {
		struct control_list lines = { 0 };

		control_list_parse(view_of(texts[i]), &lines);
		if (decide(&lines, "x@a.example", "y@b.example", &why) != EMPF_BROKEN)
			fail_msg("%s is taken", texts[i]);
		assert_int_equal(why.line, 1);
		assert_non_null(why.fault);
		control_list_free(&lines);
	}
}

static void
a_malformed_line_is_its_domains(void **state)
{
	struct control_list lines = { 0 };
	struct empf_ruling why;

	(void)state;
	control_list_parse(
	    VIEW("a.example:L,\nb.example:X,\nc.example:r,\nno colon\n"), &lines);
	assert_int_equal(
	    decide(&lines, "x@a.example", "y@a.example", &why), EMPF_ALLOWED);
	assert_int_equal(decide(&lines, "x@c.example", "y@a.example", &why), EMPF_DENIED);
	assert_int_equal(decide(&lines, "x@a.example", "y@b.example", &why), EMPF_BROKEN);
	assert_int_equal(why.line, 2);
	assert_int_equal(decide(&lines, "x@a.example", "y@d.example", &why), EMPF_BROKEN);
	assert_int_equal(why.line, 4);
	control_list_free(&lines);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(decisions),
		cmocka_unit_test(a_domain_that_is_not_ours_has_no_policy),
		cmocka_unit_test(malformed_lines),
		cmocka_unit_test(a_malformed_line_is_its_domains),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
