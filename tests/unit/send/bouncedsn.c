/* bouncedsn: the fields of RFC 3464, from what a bounce says in words. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "send/bouncedsn.h"

static void
recipients_have_fields(void **state)
{
	static const struct {
		const char *paragraph, *expected;
	} rows[] = {
		{ "<joe@a>:\nSorry, no mailbox here by that name. (#5.1.1)\n",
		    "\nFinal-Recipient: rfc822; joe@a\nAction: failed\nStatus: 5.1.1\n"
		    "Diagnostic-Code: x-qmail; Sorry, no mailbox here by that name. "
		    "(#5.1.1)\n" },
		{ "<joe@a>:\n192.0.2.1 does not like recipient.\nRemote host said: 550 "
		  "5.7.1 no\nGiving up on 192.0.2.1.\n",
		    "\nFinal-Recipient: rfc822; joe@a\nAction: failed\nStatus: 5.7.1\n"
		    "Diagnostic-Code: smtp; 550 5.7.1 no\n" },
		{ "<joe@a>:\nhost failed.\nRemote host said: 550 no\n",
		    "\nFinal-Recipient: rfc822; joe@a\nAction: failed\nStatus: 5.0.0\n"
		    "Diagnostic-Code: smtp; 550 no\n" },
		{ "<joe@a>:\nRemote host said: 450 later\nI'm not going to try again\n",
		    "\nFinal-Recipient: rfc822; joe@a\nAction: failed\nStatus: 4.0.0\n"
		    "Diagnostic-Code: smtp; 450 later\n" },
		{ "<j\xc3\xb6\r@a>:\n\x07 no\n",
		    "\nFinal-Recipient: rfc822; j???@a\nAction: failed\nStatus: 5.0.0\n"
		    "Diagnostic-Code: x-qmail; ? no\n" },
		{ "<joe@a>:\n",
		    "\nFinal-Recipient: rfc822; joe@a\nAction: failed\nStatus: 5.0.0\n"
		    "Diagnostic-Code: x-qmail; \n" },
		{ "<joe@a>:\n(#5.1111.1) (#9.1.1)\n",
		    "\nFinal-Recipient: rfc822; joe@a\nAction: failed\nStatus: 5.0.0\n"
		    "Diagnostic-Code: x-qmail; (#5.1111.1) (#9.1.1)\n" },
		{ "no recipient\n", "" },
		{ "", "" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct str out = { 0 };

		bouncedsn_recipient(&out, view_of(rows[i].paragraph));
		assert_string_equal(str_text(&out), rows[i].expected);
		str_free(&out);
	}
}

static void
parts_are_delimited(void **state)
{
	const struct view boundary = VIEW("b");
	struct str out = { 0 };

	(void)state;
	bouncedsn_header(&out, boundary);
	bouncedsn_words(&out, boundary);
	bouncedsn_status(&out, boundary, VIEW("mx.example.org"), 1000000000);
	bouncedsn_message(&out, boundary, false);
	bouncedsn_message(&out, boundary, true);
	bouncedsn_end(&out, boundary);
	assert_string_equal(str_text(&out),
	    "Auto-Submitted: auto-replied\n"
	    "MIME-Version: 1.0\n"
	    "Content-Type: multipart/report; report-type=delivery-status;\n"
	    "\tboundary=\"b\"\n"
	    "\n--b\n"
	    "Content-Type: text/plain; charset=utf-8\n"
	    "Content-Transfer-Encoding: 8bit\n\n"
	    "\n--b\n"
	    "Content-Type: message/delivery-status\n\n"
	    "Reporting-MTA: dns; mx.example.org\n"
	    "Arrival-Date: 9 Sep 2001 01:46:40 -0000\n"
	    "\n--b\nContent-Type: message/rfc822\n\n"
	    "\n--b\nContent-Type: text/rfc822-headers\n\n"
	    "\n--b--\n");
	str_free(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(recipients_have_fields),
		cmocka_unit_test(parts_are_delimited),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
