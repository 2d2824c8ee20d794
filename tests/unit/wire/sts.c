#include "unit/unit.h"

#include "wire/kinds.h"
#include "wire/sts.h"

static const struct {
	const char *name;
	bool ok;
} domains[] = {
	{ "example.org", true },
	{ "a", true },
	{ "xn--bcher-kva.example", true },
	{ "_odd-.example", true },
	{ "", false },
	{ ".", false },
	{ "..", false },
	{ ".example", false },
	{ "example.", false },
	{ "a..b", false },
	{ "../x", false },
	{ "a/b", false },
	{ "a b", false },
	{ "b\xc3\xbc"
	  "cher.example",
	    false },
	{ "a\nb", false },
	{ "012345678901234567890123456789012345678901234567890123456789012.x", true },
	{ "0123456789012345678901234567890123456789012345678901234567890123.x", false },
};

static void
test_domains(void **state)
{
	struct str name = { 0 };
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(domains); i++) {
		print_message("%s\n", domains[i].name);
		assert_int_equal(sts_is_domain(view_of(domains[i].name)), domains[i].ok);
	}
	for (i = 0; i < 126; i++)
		str_append_text(&name, "a.");
	str_append_byte(&name, 'b');
	assert_int_equal(name.len, 253);
	assert_true(sts_is_domain(str_view(&name)));
	str_append_byte(&name, 'b');
	assert_false(sts_is_domain(str_view(&name)));
	str_free(&name);
}

static const struct {
	const char *patterns, *host;
	bool ok;
} matches[] = {
	{ "", "mx.example", false },
	{ "mx.example", "mx.example", true },
	{ "mx.example", "MX.Example", true },
	{ "MX.example", "mx.example", true },
	{ "mx.example", "a.mx.example", false },
	{ "a.example mx.example", "mx.example", true },
	{ "a.example mx.example", "example", false },
	{ "*.example", "mx.example", true },
	{ "*.example", "a.mx.example", false },
	{ "*.example", "example", false },
	{ "*.example", ".example", false },
	{ "*.mx.example", "a.MX.example", true },
	{ "b.example *.example", "xmx.example", true },
};

static void
test_matches(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(matches); i++) {
		print_message("%s: %s\n", matches[i].patterns, matches[i].host);
		assert_int_equal(
		    sts_matches(view_of(matches[i].patterns), view_of(matches[i].host)),
		    matches[i].ok);
	}
}

static struct sts_kept
example(void)
{
	return (struct sts_kept) { .domain = VIEW("a.example"),
		.mode = STS_TESTING,
		.id = VIEW("7"),
		.max_age = 9,
		.fetched = 1,
		.expires = 10,
		.checked = 2,
		.next = 3,
		.used = 4,
		.failure = STS_WEBPKI,
		.text = VIEW("some words"),
		.mx = VIEW("mx.example *.mx.example") };
}

/* There and back; and no part of it is a file. */
static void
test_kept(void **state)
{
	struct sts_kept in = example(), out;
	struct str bytes = { 0 };
	size_t i;

	(void)state;
	sts_kept_format(&bytes, &in);
	assert_true(sts_kept_parse(str_view(&bytes), &out));
	assert_view_equal(out.domain, in.domain);
	assert_int_equal(out.mode, in.mode);
	assert_view_equal(out.id, in.id);
	assert_int_equal(out.max_age, 9);
	assert_int_equal(out.fetched + 100 * out.expires + 10000 * out.checked, 21001);
	assert_int_equal(out.next + 10 * out.used, 43);
	assert_int_equal(out.failure, STS_WEBPKI);
	assert_view_equal(out.text, in.text);
	assert_view_equal(out.mx, in.mx);
	assert_true(sts_kept_is_valid(&out, 9));
	assert_false(sts_kept_is_valid(&out, 10));
	for (i = 0; i < bytes.len; i++)
		assert_false(sts_kept_parse(view_first(str_view(&bytes), i), &out));
	str_append_byte(&bytes, 'x');
	assert_false(sts_kept_parse(str_view(&bytes), &out));
	str_free(&bytes);
}

static void
test_read(void **state)
{
	struct sts_kept kept = example(), got;
	struct str bytes = { 0 }, room = { 0 };
	bool off = false;

	(void)state;
	assert_int_equal(sts_read(VIEW("a.example"), &room, &got, &off), ANSWER_NO);
	assert_true(off);
	assert_int_equal(mkdir("cache", 0755) | mkdir(STS_CACHE, 0755), 0);
	assert_int_equal(sts_read(VIEW("a.example"), &room, &got, &off), ANSWER_NO);
	assert_false(off);
	sts_kept_format(&bytes, &kept);
	unit_write_file(STS_CACHE "/a.example", str_view(&bytes));
	unit_write_file(STS_CACHE "/b.example", str_view(&bytes));
	assert_int_equal(sts_read(VIEW("A.Example"), &room, &got, &off), ANSWER_YES);
	assert_view_equal(got.mx, kept.mx);
	/* Of another domain; no name; a link; a directory; too long. */
	assert_int_equal(sts_read(VIEW("b.example"), &room, &got, &off), ANSWER_NO);
	assert_int_equal(
	    sts_read(VIEW("../sts/a.example"), &room, &got, &off), ANSWER_NO);
	assert_int_equal(symlink("a.example", STS_CACHE "/c.example"), 0);
	assert_int_equal(sts_read(VIEW("c.example"), &room, &got, &off), ANSWER_NO);
	assert_int_equal(mkdir(STS_CACHE "/d.example", 0755), 0);
	assert_int_equal(sts_read(VIEW("d.example"), &room, &got, &off), ANSWER_NO);
	while (bytes.len <= STS_KEPT_MAX)
		str_append_text(&bytes, "mx mx.example\n");
	unit_write_file(STS_CACHE "/a.example", str_view(&bytes));
	assert_int_equal(sts_read(VIEW("a.example"), &room, &got, &off), ANSWER_NO);
	str_free(&bytes);
	str_free(&room);
}

static void
test_note(void **state)
{
	struct str packet = { 0 };
	struct frame frame;
	struct view domain;

	(void)state;
	sts_pack_note(&packet, VIEW("a.example"));
	assert_true(frame_parse(str_view(&packet), &frame));
	assert_true(sts_parse_note(&frame, &domain));
	assert_view_equal(domain, VIEW("a.example"));
	sts_pack_note(&packet, VIEW("a/b"));
	assert_true(frame_parse(str_view(&packet), &frame));
	assert_false(sts_parse_note(&frame, &domain));
	frame_start(&packet, WIRE_STS_NOTE, FRAME_OK, 0, 0);
	assert_true(frame_parse(str_view(&packet), &frame));
	assert_false(sts_parse_note(&frame, &domain));
	str_free(&packet);
	sts_note(VIEW("a.example")); /* nobody listens here */
}

int
main(void)
{
	static const struct CMUnitTest tests[] = { cmocka_unit_test(test_domains),
		cmocka_unit_test(test_matches), cmocka_unit_test(test_kept),
		cmocka_unit_test(test_read), cmocka_unit_test(test_note) };

	return cmocka_run_group_tests(tests, unit_enter_directory, NULL);
}
