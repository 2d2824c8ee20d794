/* policy/sppoutput: the lines that a plugin says. */
#include "unit/unit.h"

#include "policy/sppoutput.h"

#define MALFORMED "malformed reply"

static const struct {
	struct view output;
	enum spp_verb verb;
	const char *fault;
	unsigned code;
	bool is_more;
	struct view text, name;
} cases[] = {
	{ ROW("A"), SPP_ACCEPT, NULL, 0, false, ROW(""), ROW("") },
	{ ROW("Nothing"), SPP_NEXT, NULL, 0, false, ROW("othing"), ROW("") },
	{ ROW("O\r\n"), SPP_OKAY, NULL, 0, false, ROW(""), ROW("") },
	{ ROW("D\n"), SPP_DROP, NULL, 0, false, ROW(""), ROW("") },
	{ ROW("\n"), SPP_NONE, NULL, 0, false, ROW(""), ROW("") },
	{ ROW("\r\n"), SPP_NONE, NULL, 0, false, ROW(""), ROW("") },
	{ ROW("e550 no\n"), SPP_NONE, NULL, 0, false, ROW("550 no"), ROW("") },
	{ ROW("E550 no\n"), SPP_REFUSE, NULL, 550, false, ROW("no"), ROW("") },
	{ ROW("E550"), SPP_REFUSE, NULL, 550, false, ROW(""), ROW("") },
	{ ROW("E550 "), SPP_REFUSE, NULL, 550, false, ROW(""), ROW("") },
	{ ROW("E550  a\tb"), SPP_REFUSE, NULL, 550, false, ROW(" a\tb"), ROW("") },
	{ ROW("E550-no"), SPP_REFUSE, NULL, 550, true, ROW("no"), ROW("") },
	{ ROW("E200 ok"), SPP_REFUSE, NULL, 200, false, ROW("ok"), ROW("") },
	{ ROW("E599 x"), SPP_REFUSE, NULL, 599, false, ROW("x"), ROW("") },
	{ ROW("E550 \xe9"), SPP_REFUSE, NULL, 550, false, ROW("\xe9"), ROW("") },
	{ ROW("E"), SPP_REFUSE, MALFORMED, 0, false, ROW(""), ROW("") },
	{ ROW("E55"), SPP_REFUSE, MALFORMED, 0, false, ROW(""), ROW("") },
	{ ROW("E199 x"), SPP_REFUSE, MALFORMED, 0, false, ROW(""), ROW("") },
	{ ROW("E600 x"), SPP_REFUSE, MALFORMED, 0, false, ROW(""), ROW("") },
	{ ROW("E5a0 x"), SPP_REFUSE, MALFORMED, 0, false, ROW(""), ROW("") },
	{ ROW("E5500 x"), SPP_REFUSE, MALFORMED, 0, false, ROW(""), ROW("") },
	{ ROW("E 550 x"), SPP_REFUSE, MALFORMED, 0, false, ROW(""), ROW("") },
	{ ROW("E550 a\rb"), SPP_REFUSE, MALFORMED, 0, false, ROW(""), ROW("") },
	{ ROW("E550 a\r\r\n"), SPP_REFUSE, MALFORMED, 0, false, ROW(""), ROW("") },
	{ ROW("E550 a\0b"), SPP_REFUSE, MALFORMED, 0, false, ROW(""), ROW("") },
	{ ROW("E550 a\x7f"), SPP_REFUSE, MALFORMED, 0, false, ROW(""), ROW("") },
	{ ROW("R421 bye"), SPP_REJECT, NULL, 421, false, ROW("bye"), ROW("") },
	{ ROW("Rbye"), SPP_REJECT, MALFORMED, 0, false, ROW(""), ROW("") },
	{ ROW("P250-a"), SPP_PRINT, NULL, 250, true, ROW("a"), ROW("") },
	{ ROW("Pa"), SPP_PRINT, MALFORMED, 0, false, ROW(""), ROW("") },
	{ ROW("LM550 m"), SPP_LATER, NULL, 550, false, ROW("m"), ROW("") },
	{ ROW("LR450 r"), SPP_LATER, NULL, 450, false, ROW("r"), ROW("") },
	{ ROW("LD451 d"), SPP_LATER, NULL, 451, false, ROW("d"), ROW("") },
	{ ROW("LMm"), SPP_LATER, MALFORMED, 0, false, ROW(""), ROW("") },
	{ ROW("LX550 x"), SPP_NONE, NULL, 0, false, ROW(""), ROW("") },
	{ ROW("L"), SPP_NONE, NULL, 0, false, ROW(""), ROW("") },
	{ ROW("SA=b=c d"), SPP_SET, NULL, 0, false, ROW("b=c d"), ROW("A") },
	{ ROW("SA="), SPP_SET, NULL, 0, false, ROW(""), ROW("A") },
	{ ROW("SA"), SPP_SET, "malformed variable", 0, false, ROW(""), ROW("") },
	{ ROW("S=b"), SPP_SET, "malformed variable", 0, false, ROW("b"), ROW("") },
	{ ROW("SA=\0"), SPP_SET, "malformed variable", 0, false, ROW("\0"), ROW("A") },
	{ ROW("UA"), SPP_UNSET, NULL, 0, false, ROW(""), ROW("A") },
	{ ROW("U"), SPP_UNSET, "malformed variable", 0, false, ROW(""), ROW("") },
	{ ROW("UA=b"), SPP_UNSET, "malformed variable", 0, false, ROW(""), ROW("A=b") },
	{ ROW("HX-A: b"), SPP_HEADER, NULL, 0, false, ROW("X-A: b"), ROW("") },
	{ ROW("H more"), SPP_HEADER, NULL, 0, false, ROW(" more"), ROW("") },
	{ ROW("H \t"), SPP_HEADER, "malformed header field", 0, false, ROW(" \t"),
	    ROW("") },
	{ ROW("H"), SPP_HEADER, "malformed header field", 0, false, ROW(""), ROW("") },
	{ ROW("H: b"), SPP_HEADER, "malformed header field", 0, false, ROW(": b"),
	    ROW("") },
	{ ROW("HX A: b"), SPP_HEADER, "malformed header field", 0, false, ROW("X A: b"),
	    ROW("") },
	{ ROW("HX: a\rb"), SPP_HEADER, "malformed header field", 0, false, ROW("X: a\rb"),
	    ROW("") },
	{ ROW("Ca@b"), SPP_CHANGE, NULL, 0, false, ROW("a@b"), ROW("") },
	{ ROW("C"), SPP_CHANGE, NULL, 0, false, ROW(""), ROW("") },
};

static void
check(size_t i)
{
	struct view rest = cases[i].output;
	struct spp_line line;

	assert_true(sppoutput_next(&rest, &line));
	assert_int_equal(line.verb, cases[i].verb);
	if (!line.fault != !cases[i].fault ||
	    (line.fault && strcmp(line.fault, cases[i].fault) != 0))
		fail_msg("row %zu: %s", i, line.fault ? line.fault : "no fault");
	assert_int_equal(line.reply.code, cases[i].code);
	assert_int_equal(line.is_more, cases[i].is_more);
	if (line.reply.code)
		assert_view_equal(line.reply.text, cases[i].text);
	else if (line.verb != SPP_NONE)
		assert_view_equal(line.text, cases[i].text);
	assert_view_equal(line.name, cases[i].name);
	assert_false(sppoutput_next(&rest, &line));
}

static void
lines(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(cases); i++)
		check(i);
}

static void
one_after_the_other(void **state)
{
	struct view rest = VIEW("SA=1\n\nLR550 a\r\nE450 b");
	struct spp_line line;

	(void)state;
	assert_true(sppoutput_next(&rest, &line));
	assert_int_equal(line.verb, SPP_SET);
	assert_true(sppoutput_next(&rest, &line));
	assert_int_equal(line.verb, SPP_NONE);
	assert_true(sppoutput_next(&rest, &line));
	assert_int_equal(line.section, SPP_RCPT);
	assert_true(sppoutput_next(&rest, &line));
	assert_int_equal(line.reply.code, 450);
	assert_false(sppoutput_next(&rest, &line));
}

static void
a_long_text_is_cut(void **state)
{
	struct str output = { 0 };
	struct spp_line line;
	struct view rest;
	size_t i;

	(void)state;
	str_append_text(&output, "E550 ");
	for (i = 0; i < 5000; i++)
		str_append_byte(&output, 'x');
	rest = str_view(&output);
	assert_true(sppoutput_next(&rest, &line));
	assert_null(line.fault);
	assert_true(line.reply.text.len <= SPP_TEXT_MAX);
	assert_int_equal(rest.len, 0);
	str_free(&output);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines),
		cmocka_unit_test(one_after_the_other),
		cmocka_unit_test(a_long_text_is_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
