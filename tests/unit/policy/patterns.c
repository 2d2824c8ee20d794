/* Pattern lists: which line applies, in each syntax; and what is no pattern. */
#include "policy/patterns.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "lib/fd.h"
#include "lib/str.h"
#include "policy/regexcost.h"
#include "policy/regexliteral.h"
#include "policy/wildmat.h"

static const struct {
	enum pattern_syntax syntax;
	const char *lines, *text;
	size_t line;
} cases[] = {
	/* regex: anywhere in the text, without case; the first line that applies */
	{ PATTERNS_REGEX, "spam", "joe@SPAM.example", 1 },
	{ PATTERNS_REGEX, "SPAM", "joe@spam.example", 1 },
	{ PATTERNS_REGEX, "# x\n\nfoo\n@spam\\.", "joe@spam.example", 4 },
	{ PATTERNS_REGEX, "@spam\\.", "joe@spamx.example", 0 },
	{ PATTERNS_REGEX, "^joe@", "joe@a", 1 },
	{ PATTERNS_REGEX, "^joe@", "xjoe@a", 0 },
	{ PATTERNS_REGEX, "(a|b)+@[0-9]{2,3}$", "xab@123", 1 },
	{ PATTERNS_REGEX, "(a|b)+@[0-9]{2,3}$", "xab@1", 0 },
	{ PATTERNS_REGEX, "a\nab", "xab", 1 },
	{ PATTERNS_REGEX, "!@example\\.org$", "joe@example.org", 0 },
	{ PATTERNS_REGEX, "!@example\\.org$", "joe@example.net", 1 },
	{ PATTERNS_REGEX, "!@example\\.org$\n^joe", "joe@example.org", 2 },
	{ PATTERNS_REGEX, "\\!", "a!b", 1 },
	{ PATTERNS_REGEX, "%", "a%b", 1 },
	{ PATTERNS_REGEX, "^$", "", 1 },
	{ PATTERNS_REGEX, "\\\\1", "a\\1", 1 },
	/* wrong ones match nothing, and do not stop the others; nor do they match when negated */
	{ PATTERNS_REGEX, "(\n[\na{2\n!(\n!\njoe", "joe", 6 },
	{ PATTERNS_REGEX, "(a)\\1\njoe", "joe aa", 2 },
	{ PATTERNS_REGEX, "((a{99}){99}){99}\n(a{200}){200}\njoe", "joe", 3 },
	{ PATTERNS_REGEX,
	    "^[0-9]{1,3}-[0-9]{1,3}-[0-9]{1,3}-[0-9]{1,3}([.-][a-z]{2,8}){2,9}$",
	    "192-0-2-7.dyn.isp.example", 1 },
	{ PATTERNS_REGEX, "a{99999999999999999999999}\njoe", "joe", 2 },
	/* wildmat: all of the text, the first line that matches decides */
	{ PATTERNS_WILDMAT, "*@spam.*", "joe@SPAM.example", 1 },
	{ PATTERNS_WILDMAT, "@spam.*", "joe@spam.example", 0 },
	{ PATTERNS_WILDMAT, "!joe@*\n*@spam.*", "joe@spam.example", 0 },
	{ PATTERNS_WILDMAT, "!joe@*\n*@spam.*", "jim@spam.example", 2 },
	{ PATTERNS_WILDMAT, "*@spam.*\n!joe@*", "joe@spam.example", 1 },
	{ PATTERNS_WILDMAT, "?oe@*", "joe@a", 1 },
	{ PATTERNS_WILDMAT_SENDER, "?oe@*\n~a\n*@a", "joe@a", 3 },
};

static size_t
line_of(size_t i)
{
	struct control_list list = { 0 };
	struct patterns *p;
	size_t line;

	control_list_parse(view_of(cases[i].lines), &list);
	p = patterns_make(&list, "control/list", cases[i].syntax, NULL);
	line = patterns_find(p, view_of(cases[i].text));
	patterns_free(p);
	control_list_free(&list);
	return line;
}

static void
which_line(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof cases / sizeof *cases; i++)
		if (line_of(i) != cases[i].line)
			fail_msg("%s in %s: line %zu", cases[i].text, cases[i].lines,
			    line_of(i));
}

/* What waits to be compiled until a text has in it what must be there. */
static const struct {
	const char *regex, *text;
	bool is_plain, is_ruled_out;
} literals[] = {
	{ "spam", "joe@SPAM.example", true, false },
	{ "spam", "joe@example", true, true },
	{ "@spam\\.example$", "joe@spam.example", true, false },
	{ "@spam\\.example$", "joe@spamxexample", true, true },
	{ "^news.*@bulk", "joe@bulk", true, true },
	{ "^news.*@bulk", "news@example", true, true },
	{ "^news.*@bulk", "bulk@news@bulk", true, false },
	{ "ab*c+@", "ac@", true, false },
	{ "ab*c+@", "ab@", true, true },
	{ "ab+c", "xabx-c", true, false },
	{ "ab?@", "a@", true, false },
	{ "ab?@", "b@", true, true },
	{ "(joe|jim)@a", "jack@a", true, false },
	{ "(joe|jim)@a", "joe@b", true, true },
	{ "((a|b)c)+@", "@", true, false },
	{ "[a-z0-9._-]x[^@]y[a-]", "xy", true, false },
	{ "[a-z]x", "abc", true, true },
	/* nothing that must be there */
	{ "", "", false, false },
	{ "^$", "", false, false },
	{ ".*", "", false, false },
	{ "(a)", "", false, false },
	{ "a*", "", false, false },
	{ "a|b", "", false, false },
	/* not surely an expression, or one of more kinds than these */
	{ "a(", "", false, false },
	{ "a)", "", false, false },
	{ "a()", "", false, false },
	{ "a(b|)", "", false, false },
	{ "*a", "", false, false },
	{ "a**", "", false, false },
	{ "a+?", "", false, false },
	{ "^*a", "", false, false },
	{ "a{2}", "", false, false },
	{ "a[", "", false, false },
	{ "a[b", "", false, false },
	{ "a[]", "", false, false },
	{ "a[]b]", "", false, false },
	{ "a[^]", "", false, false },
	{ "a[z-a]", "", false, false },
	{ "a[a-Z]", "", false, false },
	{ "a[9-a]", "", false, false },
	{ "a[a-", "", false, false },
	{ "a[a-c-e]", "", false, false },
	{ "a[b-_]", "", false, false },
	{ "a[[:digit:]]", "", false, false },
	{ "a\\", "", false, false },
	{ "a\\b", "", false, false },
	{ "a\\<", "", false, false },
	{ "(a)\\1b", "", false, false },
	{ "\xe9", "", false, false },
};

static void
what_must_be_there(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof literals / sizeof *literals; i++) {
		struct view regex = view_of(literals[i].regex);
		bool plain = regexliteral_has(regex);

		if (plain != literals[i].is_plain ||
		    (plain &&
			regexliteral_rules_out(regex, view_of(literals[i].text)) !=
			    literals[i].is_ruled_out))
			fail_msg("%s: %s", literals[i].regex, literals[i].text);
	}
}

static const struct {
	const char *pattern, *text;
	bool matches;
} globs[] = {
	{ "", "", true },
	{ "", "a", false },
	{ "a", "", false },
	{ "*", "", true },
	{ "**", "abc", true },
	{ "a*c", "abc", true },
	{ "a*c", "abcd", false },
	{ "a*b*c", "aXbXbXc", true },
	{ "*a*a*a*a*a*a*a*a*b", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", false },
	{ "?", "a", true },
	{ "?", "", false },
	{ "[abc]x", "Bx", true },
	{ "[a-c]x", "dx", false },
	{ "[^a-c]x", "dx", true },
	{ "[^a-c]x", "Ax", false },
	{ "[]]", "]", true },
	{ "[^]]", "]", false },
	{ "[a-]", "-", true },
	{ "[abc", "[abc", true },
	{ "[abc", "a", false },
	{ "[", "[", true },
	{ "\\*", "*", true },
	{ "\\*", "a", false },
	{ "\\", "\\", true },
	{ "A\\B", "ab", true },
};

static void
glob(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof globs / sizeof *globs; i++)
		if (wildmat(view_of(globs[i].pattern), view_of(globs[i].text)) !=
		    globs[i].matches)
			fail_msg("%s and %s", globs[i].pattern, globs[i].text);
}

static void
exact_glob(void **state)
{
	(void)state;
	assert_true(wildmat_exact(VIEW("*Ab[C-E]\\F"), VIEW("xAbDF")));
	assert_false(wildmat_exact(VIEW("*Ab[C-E]\\F"), VIEW("xabDF")));
	assert_false(wildmat_exact(VIEW("*Ab[C-E]\\F"), VIEW("xAbdF")));
	assert_false(wildmat_exact(VIEW("*Ab[C-E]\\F"), VIEW("xAbDf")));
}

static const struct {
	const char *text;
	uint64_t cost;
} costs[] = {
	{ "", 0 },
	{ "joe", 3 },
	{ "a\\.b", 3 },
	{ "[a-z]", 1 },
	{ "[]a]b", 2 },
	{ "[^]a]b", 2 },
	{ "[[:digit:]]b", 2 },
	{ "[[:digit:].]b", 2 },
	{ "[[.-.]x{9}]b", 2 },
	{ "[a", 1 },
	{ "[", 1 },
	{ "a*b", 3 },
	{ "a{3}", 3 },
	{ "ba{3}", 4 },
	{ "a{1,3}b{1,3}", 6 },
	{ "(ab){3}", 9 },
	{ "((ab){3}c){2}", 22 },
	{ "(a{9}){9}", 90 },
	{ "(a{9}){90}", 900 },
	{ "(a{9}){99}", 990 },
	{ "(a{9}){109}", 1001 },
	{ "a*{9}", 18 },
	{ "a+", 3 },
	{ "(ab)+", 7 },
	{ "a+{9}", 27 },
	{ "a++++++++++", 1001 },
	{ "a{2000}", 1001 },
	{ "a{", 1 },
	{ "a{,}", 1 },
	{ "{5}", 0 },
	{ "a)b", 2 },
	{ "a(b", 2 },
	{ "((((((((((((((((((((((((((((((((((", 1001 },
	{ "((((((((a{9}){9}){9}){9}){9}){9}){9}){9}){9}", 1001 },
};

static void
written_out(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof costs / sizeof *costs; i++)
		if (regexcost(view_of(costs[i].text), 1000) != costs[i].cost)
			fail_msg("%s costs %ju", costs[i].text,
			    (uintmax_t)regexcost(view_of(costs[i].text), 1000));
}

/* What the log says about lists that are wrong. */
static void
complaints(void **state)
{
	static const char *const said[] = { "control/list:1", "closed", "control/list:3",
		"parentheses" };
	struct control_list list = { 0 };
	struct str text = { 0 };
	struct log log = { .program = "test", .level = 1 };
	int ends[2];
	size_t i;

	(void)state;
	assert_int_equal(fd_pipe(ends), 0);
	log.fd = ends[1];
	control_list_parse(VIEW("[a\ngood\n(b"), &list);
	patterns_free(patterns_make(&list, "control/list", PATTERNS_REGEX, &log));
	close(ends[1]);
	assert_int_equal(fd_read_all(ends[0], &text, 4096), 0);
	for (i = 0; i < sizeof said / sizeof *said; i++)
		if (!strstr(text.at, said[i]))
			fail_msg("no %s in %s", said[i], text.at);
	assert_null(strstr(text.at, "control/list:2"));
	close(ends[0]);
	str_free(&text);
	control_list_free(&list);
}

/* A list has an end: what costs too much is left out. */
static void
bounded(void **state)
{
	struct control_list list = { 0 };
	struct str lines = { 0 };
	struct patterns *p;
	size_t i;

	(void)state;
	for (i = 0; i < 100000; i++)
		str_append_text(&lines, "a\n");
	str_append_text(&lines, "joe\n");
	control_list_parse(str_view(&lines), &list);
	p = patterns_make(&list, "control/list", PATTERNS_REGEX, NULL);
	assert_int_equal(patterns_find(p, VIEW("a")), 1);
	assert_int_equal(patterns_find(p, VIEW("joe")), 0);
	patterns_free(p);
	control_list_free(&list);
	str_free(&lines);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(which_line),
		cmocka_unit_test(what_must_be_there),
		cmocka_unit_test(glob),
		cmocka_unit_test(exact_glob),
		cmocka_unit_test(written_out),
		cmocka_unit_test(complaints),
		cmocka_unit_test(bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
