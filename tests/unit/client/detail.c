/* detail: the line of control/logdetail (outbound 6.5). */
#include "unit/unit.h"

#include "client/detail.h"

static void
line_is(const struct detail *d, const char *text, const char *said, int64_t now_ms,
    const char *want)
{
	struct remotereply reply = { .max_lines = 100, .max_octets = 65536 };
	struct str got = { 0 };
	size_t used;

	remotereply_start(&reply);
	remotereply_add(&reply, view_of(said), &used);
	detail_append(d, view_of(text), *said ? &reply : NULL, now_ms, &got);
	assert_string_equal(str_text(&got), want);
	str_free(&got);
	remotereply_free(&reply);
}

/* The server's enhanced code if it is of the class of what became of the delivery; else ours. */
static void
status(void **state)
{
	static const struct {
		const char *text, *said, *dsn;
	} rows[] = {
		{ "K1.2.3.4 accepted message.\n", "250 2.6.0 ok\r\n", "2.6.0" },
		{ "K1.2.3.4 accepted message.\n", "250 ok\r\n", "2.0.0" },
		{ "K1.2.3.4 accepted message.\n", "250 2.6 ok\r\n", "2.0.0" },
		{ "K1.2.3.4 accepted message.\n", "250 2.1234.1 ok\r\n", "2.0.0" },
		{ "s1.2.3.4 does not like recipient.\n", "450-4.2.1 a\r\n450 4.2.1 b\r\n",
		    "4.2.1" },
		{ "h1.2.3.4 does not like recipient.\n", "550 5.1.1 no\r\n", "5.1.1" },
		{ "ZConnected to 1.2.3.4 but greeting failed.\n", "554 5.7.1 no\r\n",
		    "4.0.0" },
		{ "ZConnected to 1.2.3.4 but connection died. (#4.4.2)\n", "", "4.4.2" },
		{ "DSorry, I couldn't find any host named a#b. (#5.1.2)\n", "", "5.1.2" },
		{ "DSorry, I couldn't find any host named #4.1.1 (#\n", "", "5.0.0" },
		{ "", "", "5.0.0" },
	};
	struct detail d = { .on = true };
	struct str want = { 0 };
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++) {
		str_clear(&want);
		str_append_text(&want, "relay=none; dsn=");
		str_append_text(&want, rows[i].dsn);
		str_append_byte(&want, '\n');
		line_is(&d, rows[i].text, rows[i].said, 0, str_text(&want));
	}
	str_free(&want);
}

static void
session(void **state)
{
	struct tls_facts facts = { .verified = true };
	struct detail d = { .on = true };
	struct ip ip;

	(void)state;
	assert_true(ip_parse(VIEW("192.0.2.1"), &ip));
	detail_connected(&d, VIEW("mx;x=[y \n.example"), &ip, 587);
	line_is(&d, "Kok\n", "", 0,
	    "relay=mx?x??y??.example[192.0.2.1]:587; dsn=2.0.0; no TLS\n");
	detail_starttls_unused(&d);
	line_is(&d, "Kok\n", "", 0,
	    "relay=mx?x??y??.example[192.0.2.1]:587; dsn=2.0.0; no TLS, STARTTLS "
	    "offered\n");
	detail_connected(&d, VIEW("a"), &ip, 25);
	line_is(&d, "Kok\n", "", 0, "relay=a[192.0.2.1]:25; dsn=2.0.0; no TLS\n");
	str_set(&facts.protocol, VIEW("TLSv1.3"));
	str_set(&facts.cipher, VIEW("CIPHER"));
	detail_connected(&d, VIEW("mx.example"), &ip, 25);
	detail_tls(&d, &facts, "dane");
	detail_authenticated(&d, "PLAIN");
	d.reused = 3;
	d.arrived_ms = 1000000;
	line_is(&d, "Kok\n", "", 1061290,
	    "relay=mx.example[192.0.2.1]:25; delay=61.29; dsn=2.0.0; "
	    "TLSv1.3 CIPHER verified dane; AUTH PLAIN; reused 3\n");
	facts.verified = false;
	detail_tls(&d, &facts, "may");
	line_is(&d, "Kok\n", "", 999999, /* the clock was set back */
	    "relay=mx.example[192.0.2.1]:25; delay=0.00; dsn=2.0.0; "
	    "TLSv1.3 CIPHER unverified may; AUTH PLAIN; reused 3\n");
	detail_disconnected(&d);
	line_is(&d, "Zno (#4.4.1)\n", "", 1000050, "relay=none; delay=0.05; dsn=4.4.1\n");
	d.on = false;
	line_is(&d, "Kok\n", "", 0, "");
	detail_free(&d);
	tls_facts_free(&facts);
}

static void
arrival_is_the_files_time(void **state)
{
	struct detail d = { .on = false };
	int ends[2];
	int fd;

	(void)state;
	unit_write_file("message", VIEW("x\n"));
	fd = open("message", O_RDONLY);
	assert_true(fd >= 0);
	detail_start(&d, true, fd);
	assert_true(d.on && d.arrived_ms > 0);
	detail_start(&d, false, fd);
	assert_true(!d.on && d.arrived_ms == 0);
	close(fd);
	assert_int_equal(pipe(ends), 0);
	detail_start(&d, true, ends[0]);
	assert_true(d.on && d.arrived_ms == 0);
	close(ends[0]);
	close(ends[1]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(status),
		cmocka_unit_test(session),
		cmocka_unit_test(arrival_is_the_files_time),
	};

	return cmocka_run_group_tests(tests, unit_enter_directory, NULL);
}
