#include "unit/unit.h"

#include "wire/tlsa.h"
#include "wire/tlsrpt.h"

static struct tlsrpt_session
example(void)
{
	return (struct tlsrpt_session) { .time = 1767225600,
		.domain = VIEW("a.example"),
		.type = VIEW(TLSRPT_STS),
		.result = VIEW("ok"),
		.mx = VIEW("mx.example"),
		.ip = VIEW("192.0.2.1"),
		.own_ip = VIEW(""),
		.detail = VIEW("a \\ b\n\xff"),
		.policy = VIEW("version: STSv1;mode: enforce") };
}

static void
test_line(void **state)
{
	static const char wanted[] = "1 1767225600 a.example sts ok mx.example 192.0.2.1 "
				     "- a\\x20\\x5c\\x20b\\x0a\\xff "
				     "version:\\x20STSv1;mode:\\x20enforce\n";
	struct tlsrpt_session in = example(), out;
	struct str line = { 0 }, room = { 0 };

	(void)state;
	tlsrpt_format(&line, &in);
	assert_string_equal(str_text(&line), wanted);
	assert_true(tlsrpt_parse(view_trim_right(str_view(&line)), &room, &out));
	assert_int_equal(out.time, in.time);
	assert_view_equal(out.domain, in.domain);
	assert_view_equal(out.type, in.type);
	assert_view_equal(out.result, in.result);
	assert_view_equal(out.mx, in.mx);
	assert_view_equal(out.ip, in.ip);
	assert_view_equal(out.own_ip, in.own_ip);
	assert_view_equal(out.detail, in.detail);
	assert_view_equal(out.policy, in.policy);
	str_free(&line);
	str_free(&room);
}

/* As in the example of RFC 8460 appendix B; what is too long is left out. */
static void
test_records(void **state)
{
	struct str list = { 0 }, text = { 0 }, long_one = { 0 };

	(void)state;
	tlsrpt_describe_tlsa(&text, VIEW(""));
	assert_string_equal(str_text(&text), "");
	str_append_text(&long_one, "\x03\x01");
	while (long_one.len < 600)
		str_append_byte(&long_one, '\0');
	assert_true(tlsa_add(&list, BYTES("\x02\0\x01\x1f\x85")));
	assert_true(tlsa_add(&list, str_view(&long_one)));
	assert_true(tlsa_add(&list, BYTES("\x03\x01\x02\xff")));
	tlsrpt_describe_tlsa(&text, str_view(&list));
	assert_string_equal(str_text(&text), "2 0 1 1f85;3 1 2 ff");
	str_free(&list);
	str_free(&text);
	str_free(&long_one);
}

/* Whatever comes in, the line can be written at once. */
static void
test_bound(void **state)
{
	struct tlsrpt_session s = example();
	struct str junk = { 0 }, line = { 0 };

	(void)state;
	while (junk.len < 10000)
		str_append_byte(&junk, '\n');
	s.domain = s.mx = s.ip = s.own_ip = s.detail = s.policy = s.result = s.type =
	    str_view(&junk);
	tlsrpt_format(&line, &s);
	assert_in_range(line.len, 1, TLSRPT_LINE_MAX);
	assert_int_equal(view_index(str_view(&line), '\n'), line.len - 1);
	str_free(&junk);
	str_free(&line);
}

static void
test_no_line(void **state)
{
	static const char *const rows[] = { "", "1", "1 x a.example sts ok - - - - -",
		"2 5 a.example sts ok - - - - -", "1 5 a.example sts ok - - - -",
		"1 5 a.example sts ok - - - - - -", "1 5 a/b sts ok - - - - -",
		"1 5 a.example  ok - - - - -" };
	struct tlsrpt_session out;
	struct str room = { 0 };
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++) {
		print_message("%s\n", rows[i]);
		assert_false(tlsrpt_parse(view_of(rows[i]), &room, &out));
	}
	str_free(&room);
}

static void
test_spool(void **state)
{
	struct tlsrpt_session s = example();
	struct str bytes = { 0 };

	(void)state;
	assert_false(tlsrpt_note(&s));
	assert_int_equal(mkdir("state", 0755) | mkdir(TLSRPT_SPOOL, 0755), 0);
	assert_true(tlsrpt_note(&s));
	s.time += 86399;
	assert_true(tlsrpt_note(&s));
	s.time++;
	assert_true(tlsrpt_note(&s));
	assert_int_equal(fd_read_file(TLSRPT_SPOOL "/20260101", &bytes, 100000), 0);
	assert_int_equal(view_index(str_view(&bytes), '\n') * 2 + 2, bytes.len);
	str_clear(&bytes);
	assert_int_equal(fd_read_file(TLSRPT_SPOOL "/20260102", &bytes, 100000), 0);
	str_free(&bytes);
}

static void
test_policy(void **state)
{
	struct sts_kept kept = {
		.mode = STS_TESTING, .max_age = 7, .mx = VIEW("a.example *.b.example")
	};
	struct str out = { 0 }, many = { 0 };

	(void)state;
	tlsrpt_describe_sts(&out, &kept);
	assert_string_equal(str_text(&out),
	    "version: STSv1;mode: testing;mx: a.example;mx: *.b.example;max_age: 7");
	while (many.len < 60000)
		str_append_text(&many, "mx.example ");
	str_append_text(&many, "mx.example");
	kept.mx = str_view(&many);
	str_clear(&out);
	tlsrpt_describe_sts(&out, &kept);
	assert_in_range(out.len, 900, 1200);
	assert_true(view_ends(str_view(&out), VIEW(";mx: mx.example;max_age: 7")));
	str_free(&out);
	str_free(&many);
}

static void
test_results(void **state)
{
	(void)state;
	assert_string_equal(
	    tlsrpt_result_of(VIEW("certificate has expired")), "certificate-expired");
	assert_string_equal(
	    tlsrpt_result_of(VIEW("hostname mismatch")), "certificate-host-mismatch");
	assert_string_equal(
	    tlsrpt_result_of(VIEW("unable to get local issuer certificate")),
	    "certificate-not-trusted");
	assert_string_equal(
	    tlsrpt_result_of(VIEW("self-signed certificate in certificate chain")),
	    "certificate-not-trusted");
	assert_string_equal(tlsrpt_result_of(VIEW("timed out")), "validation-failure");
}

int
main(void)
{
	static const struct CMUnitTest tests[] = { cmocka_unit_test(test_line),
		cmocka_unit_test(test_bound), cmocka_unit_test(test_records),
		cmocka_unit_test(test_no_line), cmocka_unit_test(test_spool),
		cmocka_unit_test(test_policy), cmocka_unit_test(test_results) };

	return cmocka_run_group_tests(tests, unit_enter_directory, NULL);
}
