/* request: the fields of a request, checked and bounded. */
#include "tls/request.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "wire/kinds.h"
#include "wire/tlsa.h"

static bool
parse_one(uint16_t tag, struct view value, struct request *out)
{
	struct str packet = { 0 };
	struct frame frame;
	bool ok;

	frame_start(&packet, WIRE_TLS_CLIENT, FRAME_OK, 1, 5000);
	frame_add(&packet, tag, value);
	assert_true(frame_parse(str_view(&packet), &frame));
	ok = request_parse(&frame, out);
	str_free(&packet);
	return ok;
}

#define CASE(tag, bytes, ok)                          \
	{                                             \
		tag, { bytes, sizeof(bytes) - 1 }, ok \
	}

static void
fields(void **state)
{
	static const struct {
		uint16_t tag;
		struct view value;
		bool ok;
	} cases[] = {
		CASE(TAG_TLS_NAME, "mx.example.org", true),
		CASE(TAG_TLS_NAME, "", true),
		CASE(TAG_TLS_NAME, "mx example", false),
		CASE(TAG_TLS_NAME, "mx\0example", false),
		CASE(TAG_TLS_NAME, "mx\r\n", false),
		CASE(TAG_TLS_IP, "192.0.2.1", true),
		CASE(TAG_TLS_IP, "2001:db8::1", true),
		CASE(TAG_TLS_IP, "mx.example.org", false),
		CASE(TAG_TLS_LEVEL, "\1", true),
		CASE(TAG_TLS_LEVEL, "\3", true),
		CASE(TAG_TLS_LEVEL, "\0", false),
		CASE(TAG_TLS_LEVEL, "\6", true),
		CASE(TAG_TLS_LEVEL, "\7", false), /* DANE, but no records */
		CASE(TAG_TLS_LEVEL, "\10", false),
		CASE(TAG_TLS_LEVEL, "\11", false),
		CASE(TAG_TLS_LEVEL, "\xff", false),
		CASE(TAG_TLS_LEVEL, "", false),
		CASE(TAG_TLS_LEVEL, "\1\1", false),
		CASE(TAG_TLS_TRUST, "control/tlshosts/a.pem", true),
		CASE(TAG_TLS_TRUST, "a\0b", false),
		CASE(TAG_TLS_CERT, "a\0", false),
		CASE(TAG_TLS_CIPHERS, "HIGH\0", false),
		CASE(TAG_TLS_TIMEOUT, "1", true), /* not a number: no timeout */
		CASE(TAG_TLS_SNI_SENT, "", true),
		CASE(TAG_TLS_SNI_SENT, "mx.example.org", true),
		CASE(TAG_TLS_SNI_SENT, "mx\n", false),
		CASE(TAG_TLS_ALSO, "mx.example.org", true),
		CASE(TAG_TLS_ALSO, "", false),
		CASE(TAG_TLS_ALSO, "a,b", false),
		CASE(TAG_TLS_FINGERPRINT, "00112233445566778899aabbccddeeff00112233",
		    true),
		CASE(TAG_TLS_FINGERPRINT, "00112233445566778899aabbccddeeff0011223",
		    false),
		CASE(TAG_TLS_FINGERPRINT, "g0112233445566778899aabbccddeeff00112233",
		    false),
		CASE(TAG_TLS_RULES, "\3\4\xff\3", true),
		CASE(TAG_TLS_RULES, "\5\0\0\0", false),
		CASE(TAG_TLS_RULES, "\0\5\0\0", false),
		CASE(TAG_TLS_RULES, "\0\0\0", false),
		CASE(TAG_TLS_KEY, "path\0pass|wo\0rd", true),
		CASE(TAG_TLS_KEY, "no end", false),
		CASE(9999, "unknown", true),
	};
	struct request r = { 0 };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_int_equal(
		    parse_one(cases[i].tag, cases[i].value, &r), cases[i].ok);
	request_free(&r);
}

static void
too_long(void **state)
{
	static const struct {
		uint16_t tag;
		size_t max;
	} cases[] = {
		{ TAG_TLS_NAME, REQUEST_NAME_MAX },
		{ TAG_TLS_TRUST, REQUEST_PATH_MAX },
		{ TAG_TLS_CERT, REQUEST_PATH_MAX },
		{ TAG_TLS_CIPHERS, REQUEST_CIPHERS_MAX },
	};
	static char text[REQUEST_CIPHERS_MAX + 1];
	struct request r = { 0 };
	size_t i;

	(void)state;
	memset(text, 'a', sizeof text);
	for (i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct view fits = { text, cases[i].max },
			    does_not = { text, cases[i].max + 1 };

		assert_true(parse_one(cases[i].tag, fits, &r));
		assert_false(parse_one(cases[i].tag, does_not, &r));
	}
	request_free(&r);
}

#define RECORD "\0\4\3\1\1x"

/* At the levels of DANE nothing may be missing: what is left out would be a lower level. */
static void
dane(void **state)
{
	static const struct {
		const char *name, *host;
		struct view tlsa;
		bool ok;
	} cases[] = {
		{ "one record", "mx.example", { RECORD, 6 }, true },
		{ "two records", "mx.example", { RECORD RECORD, 12 }, true },
		{ "a cut record", "mx.example", { RECORD, 5 }, false },
		{ "too short a record", "mx.example", { "\0\2\3\1", 4 }, false },
		{ "no records", "mx.example", { "", 0 }, false },
		{ "no name", "", { RECORD, 6 }, false },
	};
	static const char levels[] = { TLS_DANE, TLS_DANE_ONLY };
	struct request r = { 0 };
	size_t i;

	(void)state;
	for (i = 0; i < 2 * (sizeof cases / sizeof *cases); i++) {
		struct view level = { &levels[i % 2], 1 };
		struct str packet = { 0 };
		struct frame frame;

		frame_start(&packet, WIRE_TLS_CLIENT, FRAME_OK, 1, 5000);
		frame_add(&packet, TAG_TLS_NAME, view_of(cases[i / 2].host));
		frame_add(&packet, TAG_TLS_LEVEL, level);
		frame_add(&packet, TAG_TLS_TLSA, cases[i / 2].tlsa);
		assert_true(frame_parse(str_view(&packet), &frame));
		if (request_parse(&frame, &r) != cases[i / 2].ok)
			fail_msg("%s", cases[i / 2].name);
		str_free(&packet);
	}
	request_free(&r);
}

static void
too_many_records(void **state)
{
	struct str packet = { 0 }, list = { 0 };
	struct request r = { 0 };
	struct frame frame;
	char level = TLS_DANE;
	int i, extra;

	(void)state;
	for (extra = 0; extra < 2; extra++) {
		str_clear(&list);
		for (i = 0; i < TLSA_RECORDS_MAX + extra; i++)
			str_append(&list, VIEW(RECORD));
		frame_start(&packet, WIRE_TLS_CLIENT, FRAME_OK, 1, 5000);
		frame_add(&packet, TAG_TLS_NAME, VIEW("mx.example"));
		frame_add(&packet, TAG_TLS_LEVEL, (struct view) { &level, 1 });
		frame_add(&packet, TAG_TLS_TLSA, str_view(&list));
		assert_true(frame_parse(str_view(&packet), &frame));
		assert_int_equal(request_parse(&frame, &r), extra == 0);
	}
	str_free(&packet);
	str_free(&list);
	request_free(&r);
}

static void
defaults(void **state)
{
	struct request r = { 0 };

	(void)state;
	assert_true(parse_one(TAG_TLS_NAME, VIEW("mx.example.org"), &r));
	assert_int_equal(r.level, TLS_SECURE);
	assert_false(r.is_ip);
	assert_int_equal(r.timeout_ms, -1);
	assert_true(parse_one(TAG_TLS_TIMEOUT, VIEW("\0\0\x04\0"), &r));
	assert_int_equal(r.timeout_ms, 1024);
	assert_int_equal(r.name.len, 0);
	assert_true(parse_one(TAG_TLS_TIMEOUT, VIEW("\xff\xff\xff\xff"), &r));
	assert_int_equal(r.timeout_ms, -1);
	request_free(&r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fields),
		cmocka_unit_test(too_long),
		cmocka_unit_test(dane),
		cmocka_unit_test(too_many_records),
		cmocka_unit_test(defaults),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
