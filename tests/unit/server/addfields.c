/* server/addfields: what is missing comes where the header ends, wherever the message is cut. */
#include "unit/unit.h"

#include "server/addfields.h"

#define DATE "Date: today\n"
#define ID   "Message-ID: <1@x>\n"

static const struct view fields[] = { { DATE, sizeof DATE - 1 }, { ID, sizeof ID - 1 } };

static const struct {
	const char *in, *out;
} cases[] = {
	{ "", DATE ID },
	{ "\n", DATE ID "\n" },
	{ "\nbody\n", DATE ID "\nbody\n" },
	{ "Subject: x\n\nbody\n", "Subject: x\n" DATE ID "\nbody\n" },
	{ "Subject: x\n", "Subject: x\n" DATE ID },
	{ "Subject: x", "Subject: x\n" DATE ID },
	{ "Date: y\n\n", "Date: y\n" ID "\n" },
	{ "dATE:\n\n", "dATE:\n" ID "\n" },
	{ "Date \t: y\n\n", "Date \t: y\n" ID "\n" },
	{ "message-id:\n <a>\n\n", "message-id:\n <a>\n" DATE "\n" },
	{ "Message-Id: a\nDate: b\n\nDate: c\n", "Message-Id: a\nDate: b\n\nDate: c\n" },
	{ "Date: a\nMessage-ID: b", "Date: a\nMessage-ID: b" },
	{ "Dat: y\nDated: y\nX-Date: y\n\n",
	    "Dat: y\nDated: y\nX-Date: y\n" DATE ID "\n" },
	{ "Resent-Date: y\nMessage-IDs: z\n\n",
	    "Resent-Date: y\nMessage-IDs: z\n" DATE ID "\n" },
	{ "X: y\n Date: z\n\tMessage-ID: z\n\n",
	    "X: y\n Date: z\n\tMessage-ID: z\n" DATE ID "\n" },
	{ "X: y\n\nDate: z\nMessage-ID: z\n",
	    "X: y\n" DATE ID "\nDate: z\nMessage-ID: z\n" },
	/* no empty line: the body begins where no field does */
	{ "hello\n", DATE ID "\nhello\n" },
	{ "hello: there\nyou two\n\n", "hello: there\n" DATE ID "\nyou two\n\n" },
	{ "Date\n", DATE ID "\nDate\n" },
	{ "Date", DATE ID "\nDate" },
	{ "Date x: y\n", DATE ID "\nDate x: y\n" },
	{ ": x\n", DATE ID "\n: x\n" },
	{ " x: y\n", DATE ID "\n x: y\n" },
	{ "D\xc3\xa4te: y\n", DATE ID "\nD\xc3\xa4te: y\n" },
	{ "D\x01: y\n", DATE ID "\nD\x01: y\n" },
	{ "Date: a\nMessage-ID: b\nbody\n", "Date: a\nMessage-ID: b\nbody\n" },
	/* the line of a mailbox in front */
	{ "From a@b Thu Jan 1\nDate: y\n\n", "From a@b Thu Jan 1\nDate: y\n" ID "\n" },
	{ ">From a@b Thu\nDate: y\n\n", ">From a@b Thu\nDate: y\n" ID "\n" },
	{ "From : y\n\n", "From : y\n" DATE ID "\n" },
	{ "X: y\nFrom a@b\n\n", "X: y\n" DATE ID "\nFrom a@b\n\n" },
};

static void
filter(struct addfields *a, struct view in, size_t step, struct str *out)
{
	str_clear(out);
	addfields_start(a, fields, COUNT(fields));
	for (; in.len > 0; in = view_from(in, step))
		str_append(out, addfields_push(a, view_first(in, step)));
	str_append(out, addfields_end(a));
}

static void
test_fields(void **state)
{
	struct addfields a = { 0 };
	struct str out = { 0 };
	size_t i, step;

	(void)state;
	for (i = 0; i < COUNT(cases); i++)
		for (step = 1; step < 100; step = step * 3 + 1) {
			filter(&a, view_of(cases[i].in), step, &out);
			assert_view_equal(str_view(&out), view_of(cases[i].out));
		}
	addfields_free(&a);
	str_free(&out);
}

/* What looks like a name for ever is none; the memory is bounded. */
static void
test_long(void **state)
{
	struct addfields a = { 0 };
	struct str in = { 0 }, out = { 0 };
	int i;

	(void)state;
	for (i = 0; i < 100 * ADDFIELDS_NAME_MAX; i++)
		str_append_byte(&in, 'x');
	str_append_text(&in, ": y\n\n");
	filter(&a, str_view(&in), 100, &out);
	assert_true(view_starts(str_view(&out), VIEW(DATE ID "\nxxx")));
	assert_int_equal(out.len, in.len + strlen(DATE ID "\n"));
	assert_true(a.held.size <= 2 * ADDFIELDS_NAME_MAX);
	assert_true(a.out.size <= 4 * ADDFIELDS_NAME_MAX);
	addfields_free(&a);
	str_free(&in);
	str_free(&out);
}

/* A body is not copied. */
static void
test_body_passes(void **state)
{
	struct view body = VIEW("body\n");
	struct addfields a = { 0 };

	(void)state;
	addfields_start(&a, fields, COUNT(fields));
	addfields_push(&a, VIEW("X: y\n\n"));
	assert_ptr_equal(addfields_push(&a, body).at, body.at);
	assert_int_equal(addfields_end(&a).len, 0);
	addfields_free(&a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fields),
		cmocka_unit_test(test_long),
		cmocka_unit_test(test_body_passes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
