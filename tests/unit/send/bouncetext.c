/* bouncetext: QSBMF, byte for byte (queue 4.7). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "send/bouncetext.h"

static void
paragraphs_have_no_empty_line(void **state)
{
	static const struct {
		const char *recipient, *report, *expected;
	} rows[] = {
		{ "a@b", "no\n", "<a@b>:\nno\n\n" },
		{ "a@b", "no", "<a@b>:\nno\n\n" },
		{ "a@b", "", "<a@b>:\n\n" },
		{ "a@b", "a\n\nb\n", "<a@b>:\na\n/b\n\n" },
		{ "a@b", "a\n\n\nb\n", "<a@b>:\na\n//b\n\n" },
		{ "a@b", "\nb\n", "<a@b>:\n/b\n\n" },
		{ "a\nb@c", "no\n", "<a_b@c>:\nno\n\n" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct str out = { 0 };

		bouncetext_recipient(
		    &out, view_of(rows[i].recipient), view_of(rows[i].report));
		assert_string_equal(str_text(&out), rows[i].expected);
		str_free(&out);
	}
}

static void
senders_decide_the_kind(void **state)
{
	(void)state;
	assert_int_equal(bouncetext_kind(VIEW("joe@a")), BOUNCE_SINGLE);
	assert_int_equal(bouncetext_kind(VIEW("")), BOUNCE_DOUBLE);
	assert_int_equal(bouncetext_kind(VIEW("#@[]")), BOUNCE_TRIPLE);
}

static struct bounce_parties
parties(void)
{
	return (struct bounce_parties) { VIEW("MAILER-DAEMON"), VIEW("mx.example.org"),
		VIEW("joe@example.net") };
}

static void
whole(struct str *out, const struct bounce_parties *p, enum bounce_kind kind,
    struct view sender)
{
	bouncetext_header(out, p, 1000000000);
	str_append_byte(out, '\n');
	bouncetext_intro(out, p, kind);
	bouncetext_break(out, kind);
	bouncetext_return_path(out, sender);
}

static void
a_single_bounce_is_as_always(void **state)
{
	const struct bounce_parties p = parties();
	struct str out = { 0 };

	(void)state;
	whole(&out, &p, BOUNCE_SINGLE, VIEW("joe@example.net"));
	assert_string_equal(str_text(&out),
	    "Date: 9 Sep 2001 01:46:40 -0000\n"
	    "From: MAILER-DAEMON@mx.example.org\n"
	    "To: joe@example.net\n"
	    "Subject: failure notice\n"
	    "\n"
	    "Hi. This is the qmail-send program at mx.example.org.\n"
	    "I'm afraid I wasn't able to deliver your message to the following "
	    "addresses.\n"
	    "This is a permanent error; I've given up. Sorry it didn't work out.\n"
	    "\n"
	    "--- Below this line is a copy of the message.\n"
	    "\n"
	    "Return-Path: <joe@example.net>\n");
	str_free(&out);
}

static void
a_double_bounce_says_so(void **state)
{
	const struct bounce_parties p = parties();
	struct str out = { 0 };

	(void)state;
	whole(&out, &p, BOUNCE_DOUBLE, VIEW(""));
	assert_string_equal(str_text(&out),
	    "Date: 9 Sep 2001 01:46:40 -0000\n"
	    "From: MAILER-DAEMON@mx.example.org\n"
	    "To: joe@example.net\n"
	    "Subject: failure notice\n"
	    "\n"
	    "Hi. This is the qmail-send program at mx.example.org.\n"
	    "I tried to deliver a bounce message to this address, but the bounce "
	    "bounced!\n"
	    "\n"
	    "--- Below this line is the original bounce.\n"
	    "\n"
	    "Return-Path: <>\n");
	str_free(&out);
}

static void
addresses_in_the_header_are_quoted(void **state)
{
	struct bounce_parties odd = { VIEW("Mail Er"), VIEW("mx.example.org"),
		VIEW("a\nBcc: x@example.net") };
	struct str out = { 0 };

	(void)state;
	bouncetext_header(&out, &odd, 0);
	assert_true(view_starts(str_view(&out),
	    VIEW("Date: 1 Jan 1970 00:00:00 -0000\nFrom: \"Mail Er\"@mx.example.org\n"
		 "To: \"a_Bcc: x\"@example.net\nSubject: ")));
	str_free(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(paragraphs_have_no_empty_line),
		cmocka_unit_test(senders_decide_the_kind),
		cmocka_unit_test(a_single_bounce_is_as_always),
		cmocka_unit_test(a_double_bounce_says_so),
		cmocka_unit_test(addresses_in_the_header_are_quoted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
