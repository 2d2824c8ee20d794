/* server/authresults: whose field it is, however it is written and wherever the message is cut. */
#include "unit/unit.h"

#include "server/authresults.h"

#define NAME "Authentication-Results"

static const struct {
	const char *in, *out;
} cases[] = {
	{ "", "" },
	{ "\n", "\n" },
	{ "Subject: x\n\nbody\n", "Subject: x\n\nbody\n" },
	{ NAME ": mx.example; spf=pass\n\n", "Old-" NAME ": mx.example; spf=pass\n\n" },
	{ NAME ":mx.example\n\n", "Old-" NAME ":mx.example\n\n" },
	{ "aUTHENTICATION-results: MX.EXAMPLE; x\n",
	    "Old-aUTHENTICATION-results: MX.EXAMPLE; x\n" },
	{ NAME " \t: mx.example 1; x\n", "Old-" NAME " \t: mx.example 1; x\n" },
	{ NAME ":\n mx.example;\n\tx\n\n", "Old-" NAME ":\n mx.example;\n\tx\n\n" },
	{ NAME ":\n \n\t\n mx.example; x\n", "Old-" NAME ":\n \n\t\n mx.example; x\n" },
	{ NAME ": (a (b \\) c)\n d) mx.example; x\n",
	    "Old-" NAME ": (a (b \\) c)\n d) mx.example; x\n" },
	{ NAME ": \"mx.example\"; x\n", "Old-" NAME ": \"mx.example\"; x\n" },
	{ NAME ": \"m\\x.example\"; x\n", "Old-" NAME ": \"m\\x.example\"; x\n" },
	{ NAME ": mx.example(c); x\n", "Old-" NAME ": mx.example(c); x\n" },
	{ NAME ": mx.example", "Old-" NAME ": mx.example" },
	{ NAME ": mx.exampl; x\n", NAME ": mx.exampl; x\n" },
	{ NAME ": mx.example.com; x\n", NAME ": mx.example.com; x\n" },
	{ NAME ": other; mx.example\n", NAME ": other; mx.example\n" },
	{ NAME ": (mx.example) other\n", NAME ": (mx.example) other\n" },
	{ NAME ":\nSubject: x\n\n", NAME ":\nSubject: x\n\n" },
	{ NAME ":\n" NAME ": mx.example\n", NAME ":\nOld-" NAME ": mx.example\n" },
	{ NAME ":\n\n" NAME ": mx.example\n", NAME ":\n\n" NAME ": mx.example\n" },
	{ NAME "\n" NAME "x: mx.example\n", NAME "\n" NAME "x: mx.example\n" },
	{ "X: y\n " NAME ": mx.example\n", "X: y\n " NAME ": mx.example\n" },
	{ "X: y\n\n" NAME ": mx.example\n", "X: y\n\n" NAME ": mx.example\n" },
	{ "Authen", "Authen" },
	{ "Authen\n\n", "Authen\n\n" },
};

static void
filter(struct authresults *a, struct view in, size_t step, struct str *out)
{
	str_clear(out);
	authresults_start(a, VIEW("mx.example"));
	for (; in.len > 0; in = view_from(in, step))
		str_append(out, authresults_push(a, view_first(in, step)));
	str_append(out, authresults_end(a));
}

static void
test_fields(void **state)
{
	struct authresults a = { 0 };
	struct str out = { 0 };
	size_t i, step;

	(void)state;
	for (i = 0; i < COUNT(cases); i++)
		for (step = 1; step < 100; step = step * 3 + 1) {
			filter(&a, view_of(cases[i].in), step, &out);
			assert_view_equal(str_view(&out), view_of(cases[i].out));
		}
	authresults_free(&a);
	str_free(&out);
}

/* What hides the id behind more than anybody needs is ours; the memory is bounded. */
static void
test_long(void **state)
{
	struct authresults a = { 0 };
	struct str in = { 0 }, out = { 0 };
	int i;

	(void)state;
	str_append_text(&in, NAME ": (");
	for (i = 0; i < AUTHRESULTS_HELD_MAX; i++)
		str_append_text(&in, "x\n ");
	str_append_text(&in, ") mx.example\n\nbody\n");
	filter(&a, str_view(&in), 100, &out);
	assert_true(view_starts(str_view(&out), VIEW("Old-" NAME)));
	assert_int_equal(out.len, in.len + 4);
	assert_true(a.held.size < 3 * AUTHRESULTS_HELD_MAX);
	authresults_free(&a);
	str_free(&in);
	str_free(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fields),
		cmocka_unit_test(test_long),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
