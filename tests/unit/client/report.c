/* report: the bytes of outbound 1.2. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include <cmocka.h>

#include "client/report.h"
#include "lib/fd.h"

static void
bytes_are(const struct report *r, struct view want)
{
	struct str got = { 0 };
	int ends[2];

	assert_int_equal(fd_pipe(ends), 0);
	report_write(r, ends[1]);
	close(ends[1]);
	assert_int_equal(fd_read_all(ends[0], &got, 65536), 0);
	close(ends[0]);
	assert_int_equal(got.len, want.len);
	assert_memory_equal(got.at, want.at, want.len);
	str_free(&got);
}

static struct remotereply
reply(const char *text)
{
	struct remotereply r = { .max_lines = 100, .max_octets = 65536 };
	size_t used;

	remotereply_start(&r);
	remotereply_add(&r, view_of(text), &used);
	return r;
}

/* Row T3 of outbound 11. */
static void
recipients_then_message(void **state)
{
	struct remotereply no = reply("550-no\r\n550 never\r\n"),
			   later = reply("450 full\r\n"), ok = reply("250 done\r\n");
	struct report r = { 0 };

	(void)state;
	report_recipient(&r, REPORT_ACCEPTED, VIEW("192.0.2.1"), &ok);
	report_recipient(&r, REPORT_REJECTED, VIEW("192.0.2.1"), &no);
	report_recipient(&r, REPORT_DEFERRED, VIEW("192.0.2.1"), &later);
	report_peer(&r, REPORT_SUCCESS, "", VIEW("192.0.2.1"), " accepted message.", &ok);
	bytes_are(&r,
	    VIEW("r\0"
		 "h192.0.2.1 does not like recipient.\n"
		 "Remote host said: 550-no\n550 never\n\0"
		 "s192.0.2.1 does not like recipient.\n"
		 "Remote host said: 450 full\n\0"
		 "K192.0.2.1 accepted message.\n"
		 "Remote host said: 250 done\n\0"));
	report_free(&r);
	remotereply_free(&no);
	remotereply_free(&later);
	remotereply_free(&ok);
}

static void
the_last_message_counts(void **state)
{
	struct report r = { 0 };

	(void)state;
	report_message(&r, REPORT_LATER, "first");
	report_peer(&r, REPORT_LATER, "Connected to ", VIEW("2001:db8::1"),
	    " but connection died. (#4.4.2)", NULL);
	bytes_are(
	    &r, VIEW("ZConnected to 2001:db8::1 but connection died. (#4.4.2)\n\0"));
	report_free(&r);
}

static void
a_nul_cannot_end_it(void **state)
{
	struct report r = { 0 };

	(void)state;
	report_recipient_text(&r, REPORT_REJECTED, "text");
	report_begin(&r, REPORT_FAILURE);
	report_add_view(&r, VIEW("a\0b"));
	report_end(&r, NULL);
	bytes_are(&r, VIEW("htext\n\0Da?b\n\0"));
	report_free(&r);
}

static void
one_is(const struct report *r, size_t index, struct view want)
{
	struct str got = { 0 };

	report_append_one(r, index, &got);
	assert_int_equal(got.len, want.len);
	assert_memory_equal(got.at, want.at, want.len);
	str_free(&got);
}

/* Each as if it were alone; the last did not get as far as a report of its own. */
static void
one_recipient_of_several(void **state)
{
	struct remotereply no = reply("550 no\r\n");
	struct report r = { 0 };

	(void)state;
	report_recipient(&r, REPORT_ACCEPTED, VIEW("192.0.2.1"), NULL);
	report_recipient(&r, REPORT_REJECTED, VIEW("192.0.2.1"), &no);
	report_message(&r, REPORT_LATER, "later");
	one_is(&r, 0, VIEW("r\0Zlater\n\0"));
	one_is(&r, 1,
	    VIEW("h192.0.2.1 does not like recipient.\nRemote host said: 550 no\n\0"
		 "Zlater\n\0"));
	one_is(&r, 2, VIEW("Zlater\n\0"));
	report_free(&r);
	remotereply_free(&no);
}

/* control/logdetail (outbound 6.5): one line, in front of the server's words; of a recipient's report and
 * the message's, which qmail-rspawn puts together, only the first has it. */
static void
the_line_of_details(void **state)
{
	struct remotereply no = reply("550 5.1.1 no\r\n"),
			   ok = reply("250 2.6.0 yes\r\n");
	struct detail detail = { .on = true };
	struct report r = { .detail = &detail };

	(void)state;
	report_recipient(&r, REPORT_ACCEPTED, VIEW("192.0.2.1"), &ok);
	report_peer(&r, REPORT_SUCCESS, "", VIEW("192.0.2.1"), " accepted message.", &ok);
	bytes_are(&r,
	    VIEW("r\0K192.0.2.1 accepted message.\nrelay=none; dsn=2.6.0\n"
		 "Remote host said: 250 2.6.0 yes\n\0"));
	report_free(&r);
	report_recipient(&r, REPORT_REJECTED, VIEW("192.0.2.1"), &no);
	report_peer(&r, REPORT_FAILURE, "Giving up on ", VIEW("192.0.2.1"), ".", NULL);
	bytes_are(&r,
	    VIEW("h192.0.2.1 does not like recipient.\nrelay=none; dsn=5.1.1\n"
		 "Remote host said: 550 5.1.1 no\n\0DGiving up on 192.0.2.1.\n\0"));
	report_free(&r);
	report_message(&r, REPORT_LATER, "no (#4.4.1)");
	bytes_are(&r, VIEW("Zno (#4.4.1)\nrelay=none; dsn=4.4.1\n\0"));
	report_free(&r);
	remotereply_free(&no);
	remotereply_free(&ok);
}

/* Behind the first line of what says "later", and nowhere else. */
static void
a_remark(void **state)
{
	struct remotereply no = reply("450-a\r\n450 b\r\n");
	struct report r = { 0 };

	(void)state;
	report_recipient(&r, REPORT_ACCEPTED, VIEW("192.0.2.1"), NULL);
	report_recipient(&r, REPORT_DEFERRED, VIEW("192.0.2.1"), &no);
	report_message(&r, REPORT_LATER, "later");
	report_remark(&r, VIEW("remark\n"));
	one_is(&r, 0, VIEW("r\0Zlater\nremark\n\0"));
	one_is(&r, 1,
	    VIEW("s192.0.2.1 does not like recipient.\nremark\nRemote host said: "
		 "450-a\n450 b\n\0Zlater\nremark\n\0"));
	report_message(&r, REPORT_FAILURE, "no");
	report_remark(&r, VIEW("remark\n"));
	one_is(&r, 0, VIEW("r\0Dno\n\0"));
	report_free(&r);
	remotereply_free(&no);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(recipients_then_message),
		cmocka_unit_test(the_last_message_counts),
		cmocka_unit_test(a_nul_cannot_end_it),
		cmocka_unit_test(one_recipient_of_several),
		cmocka_unit_test(the_line_of_details),
		cmocka_unit_test(a_remark),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
