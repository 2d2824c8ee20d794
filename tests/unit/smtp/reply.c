/* Replies: their bytes, and the enhanced status codes in front of their texts (RFC 2034). */
#include "smtp/reply.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static const struct {
	unsigned code;
	const char *status, *text, *plain, *enhanced;
} cases[] = {
	{ 553, "5.7.1", "no", "553 no (#5.7.1)\r\n", "553 5.7.1 no (#5.7.1)\r\n" },
	{ 250, NULL, "ok 1 qp 2", "250 ok 1 qp 2\r\n", "250 2.0.0 ok 1 qp 2\r\n" },
	{ 421, NULL, "bye", "421 bye\r\n", "421 4.0.0 bye\r\n" },
	{ 354, NULL, "go ahead", "354 go ahead\r\n", "354 go ahead\r\n" },
	{ 334, NULL, "VXNlcm5hbWU6", "334 VXNlcm5hbWU6\r\n", "334 VXNlcm5hbWU6\r\n" },
	/* the class is the reply code's */
	{ 452, "5.7.1", "max", "452 max (#5.7.1)\r\n", "452 4.7.1 max (#5.7.1)\r\n" },
	/* there already */
	{ 530, NULL, "5.7.0 TLS", "530 5.7.0 TLS\r\n", "530 5.7.0 TLS\r\n" },
	{ 503, NULL, "5.5.0", "503 5.5.0\r\n", "503 5.5.0\r\n" },
	/* not quite */
	{ 554, NULL, "4.7.0 x", "554 4.7.0 x\r\n", "554 5.0.0 4.7.0 x\r\n" },
	{ 554, NULL, "5.7 x", "554 5.7 x\r\n", "554 5.0.0 5.7 x\r\n" },
	{ 554, NULL, "5.7.1234 x", "554 5.7.1234 x\r\n", "554 5.0.0 5.7.1234 x\r\n" },
	{ 554, NULL, "5.7.1x", "554 5.7.1x\r\n", "554 5.0.0 5.7.1x\r\n" },
	{ 554, NULL, "5", "554 5\r\n", "554 5.0.0 5\r\n" },
	{ 554, "junk", "x", "554 x (#junk)\r\n", "554 5.0.0 x (#junk)\r\n" },
	{ 554, NULL, "", "554 \r\n", "554 5.0.0 \r\n" },
	/* no text becomes two replies */
	{ 554, NULL, "a\r\n250 b\tc", "554 a250 b\tc\r\n", "554 5.0.0 a250 b\tc\r\n" },
};

static void
bytes(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct str out = { 0 }, text = { 0 };
		struct reply r;

		reply_set(&r, cases[i].code, cases[i].status, cases[i].text);
		reply_format(&out, &r);
		assert_string_equal(out.at, cases[i].plain);
		str_clear(&out);
		reply_enhance(&r, &text);
		reply_format(&out, &r);
		assert_string_equal(out.at, cases[i].enhanced);
		str_free(&text);
		str_free(&out);
	}
}

static void
more(void **state)
{
	struct str out = { 0 };

	(void)state;
	reply_format_more(&out, &(struct reply) { 250, VIEW("SIZE 0"), VIEW("") });
	assert_string_equal(out.at, "250-SIZE 0\r\n");
	str_free(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bytes),
		cmocka_unit_test(more),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
