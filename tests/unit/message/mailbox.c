/* token, mailbox and rewrite: an address field from its octets to its octets, and the addresses that are
 * found in it (queue 3.4). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "message/mailbox.h"
#include "message/rewrite.h"

struct seen {
	struct rewrite rewrite;
	struct str addresses; /* in envelope form, each followed by '|' */
};

static void
visit(struct tokens *address, void *context)
{
	struct seen *seen = context;

	rewrite_address(&seen->rewrite, address);
	tokens_unquote(&seen->addresses, address);
	str_append_byte(&seen->addresses, '|');
}

static const struct {
	const char *in, *out, *addresses; /* out NULL: it cannot be parsed */
} cases[] = {
	{ "a", "a@DH.DD", "a@DH.DD|" },
	{ "b@c", "b@c.DD", "b@c.DD|" },
	{ "e@f+", "e@f.PD", "e@f.PD|" },
	{ "\"q u\"@x", "\"q u\"@x.DD", "q u@x.DD|" },
	{ "<@r1,@r2:j@k>", "<j@k.DD>", "j@k.DD|" },
	{ "l@[1.2.3.4]", "l@[1.2.3.4]", "l@[1.2.3.4]|" },
	{ "<>", "<>", "|" },
	{ "<x@[]>", "<x@[]>", "x@[]|" },
	{ "a, b, c", "a@DH.DD, b@DH.DD, c@DH.DD", "c@DH.DD|b@DH.DD|a@DH.DD|" },
	{ "two words", "two@DH.DD, words@DH.DD", "words@DH.DD|two@DH.DD|" },
	{ "g: a, b@c;", "g: a@DH.DD, b@c.DD;", "b@c.DD|a@DH.DD|" },
	{ "g: a;, h: b;", "g: a@DH.DD;, h: b@DH.DD;", "b@DH.DD|a@DH.DD|" },
	{ "g:;", "g: ;", "" },
	{ "Joe A. User <joe@x.y> (c)", "Joe A.User <joe@x.y>(c)", "joe@x.y|" },
	{ "<a@b.c> d", "<a@b.c>, d@DH.DD", "d@DH.DD|a@b.c|" },
	{ "d <a@b.c>", "d <a@b.c>", "a@b.c|" },
	{ "a.b.c", "a.b.c@DH.DD", "a.b.c@DH.DD|" },
	{ "a . b @ c . d", "a.b@c.d", "a.b@c.d|" },
	{ "(x(y\\)z)) a", "a@DH.DD (xy\\)z)", "a@DH.DD|" },
	{ "a\\ b@c.d", "\"a b\"@c.d", "a b@c.d|" },
	{ "\"a\\\"\\\\\"@c.d", "\"a\\\"\\\\\"@c.d", "a\"\\@c.d|" },
	{ "\xc3\xa4@c.d", "\"\xc3\xa4\"@c.d", "\xc3\xa4@c.d|" },
	{ "a]b@c.d", "\"a\\]b\"@c.d", "a]b@c.d|" },
	{ "a@b@c.d", "a@b@c.d", "a@b@c.d|" },
	{ "", "", "" },
	{ ",", ",", "" },
	{ "(", NULL, NULL },
	{ "(a(b)", NULL, NULL },
	{ "\"a", NULL, NULL },
	{ "[a", NULL, NULL },
	{ "\"a\\", NULL, NULL },
	{ ")", NULL, NULL },
	{ "a ]", NULL, NULL },
	{ "a>", NULL, NULL },
	{ "a;", "a@DH.DD;", "a@DH.DD|" },
	{ "a@b.c; d, e", "a@b.c;, d@DH.DD, e@DH.DD", "e@DH.DD|d@DH.DD|a@b.c|" },
	{ "a; b; c", NULL, NULL },
	{ "g: a", NULL, NULL },
	{ "g: a, h: b;;", NULL, NULL },
};

static void
fields(void **state)
{
	struct arena mem = { 0 };
	struct seen seen = { 0 };
	size_t i;

	(void)state;
	assert_true(tokens_parse(&seen.rewrite.default_host, VIEW("DH"), &mem));
	assert_true(tokens_parse(&seen.rewrite.default_domain, VIEW("DD"), &mem));
	assert_true(tokens_parse(&seen.rewrite.plus_domain, VIEW("PD"), &mem));
	for (i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct tokens in = { 0 }, result = { 0 };
		struct str out = { 0 };
		bool good;

		str_clear(&seen.addresses);
		good = tokens_parse(&in, view_of(cases[i].in), &mem) &&
		    mailbox_walk(&in, 0, visit, &seen, &result);
		if (good != (cases[i].out != NULL))
			fail_msg("%s", cases[i].in);
		if (good) {
			tokens_format(&out, &result, TOKEN_LINE_WIDTH);
			assert_string_equal(str_text(&out), cases[i].out);
			assert_string_equal(
			    str_text(&seen.addresses), cases[i].addresses);
		}
		tokens_free(&in);
		tokens_free(&result);
		str_free(&out);
	}
	tokens_free(&seen.rewrite.default_host);
	tokens_free(&seen.rewrite.default_domain);
	tokens_free(&seen.rewrite.plus_domain);
	str_free(&seen.addresses);
	arena_free(&mem);
}

static const struct {
	const char *in, *out;
} folds[] = {
	{ "x: aaaa, b", "x: aaaa,\n  b" },
	{ "x: aaa, b", "x: aaa, b" },
	{ "x: a, b, c, d, e", "x: a, b,\n  c, d, e" },
	{ "x: aaaaaaaaaaaaaaaaa, b", "x: aaaaaaaaaaaaaaaaa,\n  b" },
	{ "x: aaaaaaaaaaaaaaaaaaaaa", "x: aaaaaaaaaaaaaaaaaaaaa" },
	{ "x: aaaaaaa,", "x: aaaaaaa," },
};

static void
folding(void **state)
{
	enum { WIDTH = 11 };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof folds / sizeof *folds; i++) {
		struct tokens t = { 0 };
		struct arena mem = { 0 };
		struct str out = { 0 };

		assert_true(tokens_parse(&t, view_of(folds[i].in), &mem));
		tokens_format(&out, &t, WIDTH);
		assert_string_equal(str_text(&out), folds[i].out);
		tokens_free(&t);
		arena_free(&mem);
		str_free(&out);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fields),
		cmocka_unit_test(folding),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
