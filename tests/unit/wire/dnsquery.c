/* wire/dnsquery: what one side packs the other understands, and nothing else. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "wire/dnsquery.h"
#include "wire/kinds.h"

#define BYTES(literal)                          \
	{                                       \
		"" literal, sizeof(literal) - 1 \
	}

static void
test_questions(void **state)
{
	struct dns_question asked[2] = { { VIEW("a.example"), DNS_A },
		{ VIEW(""), DNS_TLSA } };
	struct dns_question got[2];
	struct str packet = { 0 };
	struct frame frame;

	(void)state;
	frame_start(&packet, WIRE_DNS_ASK, FRAME_OK, 1, 0);
	frame_add(&packet, TAG_SID, VIEW("other fields are skipped"));
	dnsquery_add_question(&packet, &asked[0]);
	dnsquery_add_question(&packet, &asked[1]);
	assert_true(frame_parse(str_view(&packet), &frame));
	assert_int_equal(dnsquery_questions(&frame, got, 1), 0);
	assert_int_equal(dnsquery_questions(&frame, got, 2), 2);
	assert_true(view_equal(got[0].name, asked[0].name));
	assert_int_equal(got[0].type, DNS_A);
	assert_int_equal(got[1].name.len, 0);
	assert_int_equal(got[1].type, DNS_TLSA);
	str_free(&packet);
}

static void
test_round_trip(void **state)
{
	static const enum dns_type types[] = { DNS_A, DNS_AAAA, DNS_MX, DNS_TXT };
	struct dns_question questions[4];
	struct dns_record records[4] = { 0 };
	struct dns_answer answers[4], got[4];
	struct str packet = { 0 };
	struct arena mem = { 0 };
	struct frame frame;
	size_t i;

	(void)state;
	ip_parse(VIEW("192.0.2.1"), &records[0].ip);
	ip_parse(VIEW("2001:db8::1"), &records[1].ip);
	records[2] =
	    (struct dns_record) { .name = VIEW("mx.example"), .preference = 65535 };
	records[3] =
	    (struct dns_record) { .name = VIEW("any\0octet"), .ttl = UINT32_MAX };
	frame_start(&packet, WIRE_DNS_ASK, FRAME_OK, 1, 0);
	for (i = 0; i < 4; i++) {
		questions[i] = (struct dns_question) { VIEW("q"), types[i] };
		answers[i] = (struct dns_answer) { .authentic = i == 1,
			.asked = VIEW("asked"),
			.canonical = VIEW("canonical"),
			.records = &records[i],
			.count = 1 };
		dnsquery_add_answer(&packet, types[i], &answers[i], 3 - i);
	}
	assert_true(frame_parse(str_view(&packet), &frame));
	assert_true(dnsquery_answers(&frame, questions, 4, &mem, got));
	for (i = 0; i < 4; i++) {
		assert_int_equal(got[i].result, DNS_FOUND);
		assert_int_equal(got[i].count, 1);
		assert_int_equal(got[i].authentic, i == 1);
		assert_true(view_equal(got[i].asked, VIEW("asked")));
		assert_true(view_equal(got[i].canonical, VIEW("canonical")));
	}
	assert_true(ip_equal(&got[0].records[0].ip, &records[0].ip));
	assert_true(ip_equal(&got[1].records[0].ip, &records[1].ip));
	assert_int_equal(got[2].records[0].preference, 65535);
	assert_true(view_equal(got[2].records[0].name, VIEW("mx.example")));
	assert_true(view_equal(got[3].records[0].name, VIEW("any\0octet")));
	assert_int_equal(got[3].records[0].ttl, UINT32_MAX);
	assert_false(dnsquery_answers(&frame, questions, 3, &mem, got));
	arena_free(&mem);
	str_free(&packet);
}

/* An answer that would leave no room for the rest fails alone. */
static void
test_too_long(void **state)
{
	struct dns_question questions[DNS_QUESTIONS_MAX];
	struct dns_answer got[DNS_QUESTIONS_MAX];
	struct str packet = { 0 }, text = { 0 };
	struct arena mem = { 0 };
	struct dns_record record;
	struct dns_answer long_one = { .records = &record, .count = 1 };
	struct frame frame;
	size_t i;

	(void)state;
	while (text.len < 60000)
		str_append_byte(&text, 'x');
	record = (struct dns_record) { .name = str_view(&text) };
	frame_start(&packet, WIRE_DNS_ASK, FRAME_OK, 1, 0);
	for (i = 0; i < DNS_QUESTIONS_MAX; i++) {
		questions[i] = (struct dns_question) { VIEW("q"), DNS_TXT };
		dnsquery_add_answer(
		    &packet, DNS_TXT, &long_one, DNS_QUESTIONS_MAX - 1 - i);
	}
	assert_true(packet.len <= FRAME_MAX);
	assert_true(frame_parse(str_view(&packet), &frame));
	assert_true(dnsquery_answers(&frame, questions, DNS_QUESTIONS_MAX, &mem, got));
	assert_int_equal(got[0].result, DNS_FOUND);
	for (i = 1; i < DNS_QUESTIONS_MAX; i++) {
		assert_int_equal(got[i].result, DNS_FAILED);
		assert_int_equal(got[i].reason, DNS_REASON_TOO_LONG);
	}
	arena_free(&mem);
	str_free(&packet);
	str_free(&text);
}

/* What a broken qmail-dns might say to one question of this type. */
static const struct test_case {
	const char *name;
	enum dns_type type;
	struct view field;
	bool good;
} cases[] = {
	{ "nothing found", DNS_A, BYTES("\1\0\0\0\0\0\0\0\0"), true },
	{ "empty", DNS_A, BYTES(""), false },
	{ "cut", DNS_A, BYTES("\1\0\0\0\0\0\0\0"), false },
	{ "octets behind", DNS_A, BYTES("\1\0\0\0\0\0\0\0\0x"), false },
	{ "an unknown result", DNS_A, BYTES("\5\0\0\0\0\0\0\0\0"), false },
	{ "found, without a record", DNS_A, BYTES("\0\0\0\0\0\0\0\0\0"), false },
	{ "an unknown reason", DNS_A, BYTES("\3\xff\0\0\0\0\0\0\0"), true },
	{ "a name longer than the field", DNS_A, BYTES("\1\0\0\0\7ab\0\0\0\0"), false },
	{ "an address", DNS_A, BYTES("\0\0\0\0\0\0\0\0\1\0\0\0\1\0\4\1\2\3\4"), true },
	{ "not found, with a record", DNS_A,
	    BYTES("\1\0\0\0\0\0\0\0\1\0\0\0\1\0\4\1\2\3\4"), false },
	{ "an address of three octets", DNS_A,
	    BYTES("\0\0\0\0\0\0\0\0\1\0\0\0\1\0\3\1\2\3"), false },
	{ "IPv4 for AAAA", DNS_AAAA, BYTES("\0\0\0\0\0\0\0\0\1\0\0\0\1\0\4\1\2\3\4"),
	    false },
	{ "fewer records than said", DNS_A,
	    BYTES("\0\0\0\0\0\0\0\0\2\0\0\0\1\0\4\1\2\3\4"), false },
	{ "more records than can be", DNS_A,
	    BYTES("\0\0\0\0\0\0\0\xff\xff\0\0\0\1\0\4\1\2\3\4"), false },
	{ "MX without preference", DNS_MX, BYTES("\0\0\0\0\0\0\0\0\1\0\0\0\1\0\1x"),
	    false },
	{ "null MX", DNS_MX, BYTES("\0\0\0\0\0\0\0\0\1\0\0\0\1\0\2\0\0"), true },
};

static void
test_broken_answers(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct dns_question question = { VIEW("q"), cases[i].type };
		struct str packet = { 0 };
		struct arena mem = { 0 };
		struct dns_answer answer;
		struct frame frame;

		frame_start(&packet, WIRE_DNS_ASK, FRAME_OK, 1, 0);
		frame_add(&packet, TAG_ANSWER, cases[i].field);
		assert_true(frame_parse(str_view(&packet), &frame));
		if (dnsquery_answers(&frame, &question, 1, &mem, &answer) !=
		    cases[i].good)
			fail_msg("%s", cases[i].name);
		if (cases[i].good && answer.result == DNS_FAILED)
			assert_string_equal(
			    dnsquery_reason_text(answer.reason), "unknown");
		arena_free(&mem);
		str_free(&packet);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_questions),
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_too_long),
		cmocka_unit_test(test_broken_answers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
