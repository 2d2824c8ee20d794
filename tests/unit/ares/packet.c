/* ares/packet: questions, and answers as a hostile server would make them.  The question is always
 * for a.example; its name is at offset 12 of every packet, so \xc0\x0c points to it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "ares/packet.h"
#include "lib/fmt.h"

#define BYTES(literal)                          \
	{                                       \
		"" literal, sizeof(literal) - 1 \
	}
#define QUESTION "\1a\7example\0\0\1\0\1"
/* id, flags, one question, so many answers */
#define HEAD(flags, count) "\x12\x34" flags "\0\1\0" count "\0\0\0\0" QUESTION
#define OK(count)          HEAD("\x81\x80", count)
#define ME                 "\xc0\x0c"
#define RR(type, len)      "\0" type "\0\1\0\0\1\x2c\0" len
#define A1                 ME RR("\1", "\4") "\xc0\0\2\1"

static const struct test_case {
	const char *name;
	struct view packet;
	enum dns_type type;
	const char *expected;
} cases[] = {
	{ "one address", BYTES(OK("\1") A1), DNS_A, "found 192.0.2.1" },
	{ "nothing", BYTES(OK("\0")), DNS_A, "nodata" },
	{ "no such name", BYTES(HEAD("\x81\x83", "\0")), DNS_A, "nxname" },
	{ "authentic", BYTES(HEAD("\x81\xa0", "\1") A1), DNS_A, "found 192.0.2.1 ad" },
	{ "empty", BYTES(""), DNS_A, "failed broken packet" },
	{ "header cut", BYTES("\x12\x34\x81\x80\0\1\0\0\0\0\0"), DNS_A,
	    "failed broken packet" },
	{ "a question", BYTES(HEAD("\x01\x80", "\1") A1), DNS_A, "failed broken packet" },
	{ "truncated", BYTES(HEAD("\x83\x80", "\1") A1), DNS_A, "failed broken packet" },
	{ "no question", BYTES("\x12\x34\x81\x80\0\0\0\0\0\0\0\0"), DNS_A,
	    "failed broken packet" },
	{ "SERVFAIL", BYTES(HEAD("\x81\x82", "\0")), DNS_A,
	    "failed no resolver could answer" },
	{ "REFUSED", BYTES(HEAD("\x81\x85", "\0")), DNS_A,
	    "failed no resolver could answer" },
	{ "FORMERR", BYTES(HEAD("\x81\x81", "\0")), DNS_A, "failed FORMERR" },
	{ "an unknown code", BYTES(HEAD("\x81\x89", "\0")), DNS_A,
	    "failed broken packet" },
	{ "more records than there are", BYTES(OK("\2") A1), DNS_A,
	    "failed broken packet" },
	{ "records of another name are not ours",
	    BYTES(OK("\2") "\1b\0" RR("\1", "\4") "\xc0\0\2\2" A1), DNS_A,
	    "found 192.0.2.1" },
	{ "records of another type are not ours",
	    BYTES(OK("\2") ME RR("\x10", "\2") "\1x" A1), DNS_A, "found 192.0.2.1" },
	{ "records of another class are not ours",
	    BYTES(OK("\2") ME "\0\1\0\3\0\0\1\x2c\0\4\xc0\0\2\2" A1), DNS_A,
	    "found 192.0.2.1" },
	{ "owner in capitals",
	    BYTES(OK("\1") "\1A\7EXAMPLE\0" RR("\1", "\4") "\xc0\0\2\1"), DNS_A,
	    "found 192.0.2.1" },
	{ "an address of three octets", BYTES(OK("\1") ME RR("\1", "\3") "\xc0\0\2"),
	    DNS_A, "failed broken packet" },
	{ "data longer than the packet", BYTES(OK("\1") ME RR("\1", "\5") "\xc0\0\2\1"),
	    DNS_A, "failed broken packet" },
	{ "a name that points to itself",
	    BYTES(OK("\1") "\xc0\x1b" RR("\1", "\4") "\xc0\0\2\1"), DNS_A,
	    "failed broken packet" },
	{ "a name that points forward",
	    BYTES(OK("\1") "\xc0\x20" RR("\1", "\4") "\xc0\0\2\1"), DNS_A,
	    "failed broken packet" },
	{ "a name that points out",
	    BYTES(OK("\1") "\xff\xff" RR("\1", "\4") "\xc0\0\2\1"), DNS_A,
	    "failed broken packet" },
	{ "an unknown kind of label",
	    BYTES(OK("\1") "\x41z\0" RR("\1", "\4") "\xc0\0\2\1"), DNS_A,
	    "failed broken packet" },
	{ "CNAME behind its target",
	    BYTES(OK("\2") "\1b\0" RR("\1", "\4") "\xc0\0\2\2" ME RR("\5", "\3") "\1b\0"),
	    DNS_A, "found 192.0.2.2" },
	{ "CNAME without target", BYTES(OK("\1") ME RR("\5", "\3") "\1b\0"), DNS_A,
	    "nodata" },
	{ "CNAME to itself", BYTES(OK("\1") ME RR("\5", "\2") ME), DNS_A,
	    "failed broken packet" },
	{ "MX", BYTES(OK("\1") ME RR("\x0f", "\7") "\0\x0a\2mx" ME), DNS_MX,
	    "found 10=mx.a.example" },
	{ "null MX", BYTES(OK("\1") ME RR("\x0f", "\3") "\0\0\0"), DNS_MX, "found 0=" },
	{ "MX with a dot in a label", BYTES(OK("\1") ME RR("\x0f", "\6") "\0\1\3a.b" ME),
	    DNS_MX,
	    "failed broken packet" }, /* the length says 6 and ends within the pointer */
	{ "MX, whole, with a dot in a label",
	    BYTES(OK("\1") ME RR("\x0f", "\7") "\0\1\3a.b\0"), DNS_MX,
	    "found 1=a\\046b" },
	{ "MX without a name", BYTES(OK("\1") ME RR("\x0f", "\2") "\0\1"), DNS_MX,
	    "failed broken packet" },
	{ "MX with octets behind the name",
	    BYTES(OK("\1") ME RR("\x0f", "\5") "\0\1" ME "x"), DNS_MX,
	    "failed broken packet" },
	{ "TXT", BYTES(OK("\1") ME RR("\x10", "\7") "\3one\2 2"), DNS_TXT,
	    "found one 2" },
	{ "an empty string", BYTES(OK("\1") ME RR("\x10", "\1") "\0"), DNS_TXT,
	    "found " },
	{ "TXT without a string", BYTES(OK("\1") ME RR("\x10", "\0")), DNS_TXT,
	    "failed broken packet" },
	{ "a string longer than its record", BYTES(OK("\1") ME RR("\x10", "\3") "\3ab"),
	    DNS_TXT, "failed broken packet" },
	{ "TLSA", BYTES(OK("\1") ME RR("\x34", "\5") "\3\1\1ab"), DNS_TLSA,
	    "found \3\1\1ab" },
	{ "TLSA too short", BYTES(OK("\1") ME RR("\x34", "\2") "\3\1"), DNS_TLSA,
	    "failed broken packet" },
	{ "PTR", BYTES(OK("\1") ME RR("\x0c", "\2") ME), DNS_PTR, "found a.example" },
};

static void
describe(const struct dns_answer *answer, enum dns_type type, struct str *out)
{
	static const char *const names[] = { "found", "nodata", "nxname", "failed",
		"badname" };
	size_t i;

	str_append_text(out, names[answer->result]);
	for (i = 0; i < answer->count; i++) {
		str_append_byte(out, ' ');
		if (type == DNS_MX) {
			fmt_u64(out, answer->records[i].preference);
			str_append_byte(out, '=');
		}
		if (type == DNS_A || type == DNS_AAAA)
			ip_format(out, &answer->records[i].ip);
		else
			str_append(out, answer->records[i].name);
	}
	if (answer->result == DNS_FAILED) {
		str_append_byte(out, ' ');
		str_append_text(out, dnsquery_reason_text(answer->reason));
	}
	if (answer->authentic)
		str_append_text(out, " ad");
}

static void
test_answers(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		const struct test_case *c = &cases[i];
		struct arena mem = { 0 };
		struct str got = { 0 };
		struct dns_answer answer =
		    packet_answer(c->packet, VIEW("a.example"), c->type, &mem);

		describe(&answer, c->type, &got);
		if (strcmp(str_text(&got), c->expected) != 0)
			fail_msg("%s: %s", c->name, str_text(&got));
		str_free(&got);
		arena_free(&mem);
	}
}

static void
test_time_to_live(void **state)
{
	struct view packet = BYTES(OK("\2") ME "\0\1\0\1\0\0\1\x2c\0\4\xc0\0\2\1" ME
					       "\0\1\0\1\x80\0\0\0\0\4\xc0\0\2\2");
	struct arena mem = { 0 };
	struct dns_answer answer = packet_answer(packet, VIEW("a.example"), DNS_A, &mem);

	(void)state;
	assert_int_equal(answer.count, 2);
	assert_int_equal(answer.records[0].ttl, 300);
	assert_int_equal(answer.records[1].ttl, 0); /* RFC 2181 8 */
	arena_free(&mem);
}

/* Recursion desired, AD, an OPT record with our size or none. */
static void
test_question(void **state)
{
	static const char plain[] =
	    "\x12\x34\1\x20\0\1\0\0\0\0\0\0\1a\7example\0\0\x0f\0\1";
	static const char opt[] = "\0\0\x29\x04\xd0\0\0\0\0\0\0";
	struct str packet = { 0 };

	(void)state;
	assert_true(packet_question("a.example", DNS_MX, 0x1234, false, &packet));
	assert_int_equal(packet.len, sizeof plain - 1);
	assert_memory_equal(packet.at, plain, packet.len);
	assert_true(packet_question("a.example", DNS_MX, 0x1234, true, &packet));
	assert_int_equal(packet.len, sizeof plain + sizeof opt - 2);
	assert_memory_equal(packet.at + sizeof plain - 1, opt, sizeof opt - 1);
	str_free(&packet);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_answers),
		cmocka_unit_test(test_time_to_live),
		cmocka_unit_test(test_question),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
