/* Command lines, MAIL's parameters, reply lines and the Received line. */
#include "smtp/command.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "smtp/params.h"
#include "smtp/received.h"
#include "smtp/reply.h"

static const struct {
	const char *line, *verb, *argument;
} lines[] = {
	{ "NOOP\r\n", "NOOP", "" },
	{ "NOOP\n", "NOOP", "" },
	{ "NOOP", "NOOP", "" },
	{ "NOOP\r\r\n", "NOOP\r", "" },
	{ " NOOP\r\n", "", "NOOP" },
	{ "NOOP\tx\r\n", "NOOP\tx", "" },
	{ "\r\n", "", "" },
	{ "", "", "" },
	{ "mail   FROM:<a> b \r\n", "mail", "FROM:<a> b " },
};

static void
command_lines(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof lines / sizeof *lines; i++) {
		struct command c = command_parse(view_of(lines[i].line));

		if (!view_equal(c.verb, view_of(lines[i].verb)) ||
		    !view_equal(c.argument, view_of(lines[i].argument)) || c.has_nul)
			fail_msg("line %zu", i);
	}
	assert_true(command_parse(VIEW("NOOP\0x\r\n")).has_nul);
}

static const struct {
	const char *rest;
	uint64_t size;
	bool require_tls, binary_mime;
} params[] = {
	{ "", 0, false, false },
	{ " SIZE=100", 100, false, false },
	{ " size=5  SIZE=9 SIZE=7", 9, false, false },
	{ " SIZE=x SIZE= SIZE", 0, false, false },
	{ " SIZE=99999999999999999999999", UINT64_MAX, false, false },
	{ " BODY=8BITMIME requiretls", 0, true, false },
	{ " REQUIRETLSX XREQUIRETLS body=binarymime", 0, false, true },
	{ "SIZE=1 BODY=7BIT AUTH=<> RET=FULL", 1, false, false },
};

static void
mail_parameters(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof params / sizeof *params; i++) {
		struct mail_params p = mail_params_parse(view_of(params[i].rest));

		if (p.size != params[i].size || p.require_tls != params[i].require_tls ||
		    p.binary_mime != params[i].binary_mime)
			fail_msg("'%s'", params[i].rest);
	}
}

static void
reply_lines(void **state)
{
	struct reply r = reply_named(REPLY_SYNTAX);
	struct str out = { 0 };

	(void)state;
	reply_format(&out, &r);
	assert_string_equal(str_text(&out), "555 syntax error (#5.5.4)\r\n");
	str_clear(&out);
	r = reply_named(REPLY_OK);
	reply_format(&out, &r);
	assert_string_equal(str_text(&out), "250 ok\r\n");
	str_clear(&out);
	r = (struct reply) { 554, VIEW("evil\r\n250 ok\0\x01\x7f \t\xe4"), VIEW("") };
	reply_format(&out, &r);
	assert_string_equal(str_text(&out), "554 evil250 ok \t\xe4\r\n");
	str_clear(&out);
	reply_format_more(&out, &r);
	assert_string_equal(str_text(&out), "554-evil250 ok \t\xe4\r\n");
	str_free(&out);
}

static const struct {
	struct received r;
	const char *line;
} traces[] = {
	{ { .host = { "client.example", 14 },
	      .ip = { "192.0.2.9", 9 },
	      .helo = { "client.EXAMPLE", 14 },
	      .by = { "mx", 2 },
	      .protocol = "SMTP" },
	    "Received: from client.example (192.0.2.9)\n"
	    "  by mx with SMTP; 1 Jan 1970 00:00:00 -0000\n" },
	{ { .host = { "client.example", 14 },
	      .ip = { "192.0.2.9", 9 },
	      .helo = { "", 0 },
	      .info = { "joe", 3 },
	      .has_info = true,
	      .by = { "mx", 2 },
	      .protocol = "SMTP" },
	    "Received: from client.example (HELO ) (joe@192.0.2.9)\n"
	    "  by mx with SMTP; 1 Jan 1970 00:00:00 -0000\n" },
	{ { .host = { "", 0 },
	      .ip = { "192.0.2.9", 9 },
	      .helo = { "evil(name)\x01.org", 15 },
	      .info = { "a b(c)@d", 8 },
	      .has_info = true,
	      .by = { "m x", 3 },
	      .protocol = "SMTP" },
	    "Received: from  (HELO evil?name??.org) (a?b?c?@d@192.0.2.9)\n"
	    "  by m?x with SMTP; 1 Jan 1970 00:00:00 -0000\n" },
	{ { .host = { "a", 1 },
	      .ip = { "::1", 3 },
	      .helo = { "a", 1 },
	      .info = { "", 0 },
	      .has_info = true,
	      .by = { "[::1]", 5 },
	      .protocol = "ESMTPS",
	      .tls = { "TLSv1.3", 7 },
	      .cipher = { "TLS_AES_256_GCM_SHA384", 22 } },
	    "Received: from a (@::1)\n"
	    "  by [::1] with ESMTPS (TLSv1.3 TLS_AES_256_GCM_SHA384); 1 Jan 1970 "
	    "00:00:00 "
	    "-0000\n" },
};

static void
received_lines(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof traces / sizeof *traces; i++) {
		struct str out = { 0 };

		received_format(&out, &traces[i].r);
		assert_string_equal(str_text(&out), traces[i].line);
		str_free(&out);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(command_lines),
		cmocka_unit_test(mail_parameters),
		cmocka_unit_test(reply_lines),
		cmocka_unit_test(received_lines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
