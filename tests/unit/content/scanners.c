/* What scanners say, and where they are: content/clamd, spamd, score, scanner; and content/spamheader. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/un.h>

#include "content/clamd.h"
#include "content/score.h"
#include "content/spamd.h"
#include "content/spamheader.h"
#include "unit/unit.h"

static void
test_addresses(void **state)
{
	static const struct {
		const char *text;
		int family; /* 0: none */
		unsigned port;
	} cases[] = {
		{ "127.0.0.1:783", AF_INET, 783 },
		{ "192.0.2.1:65535", AF_INET, 65535 },
		{ "[::1]:3310", AF_INET6, 3310 },
		{ "::1:3310", AF_INET6, 3310 },
		{ "/run/clamav/clamd.ctl", AF_UNIX, 0 },
		{ "./clamd.sock", AF_UNIX, 0 },
		{ "", 0, 0 },
		{ "127.0.0.1", 0, 0 },
		{ "127.0.0.1:", 0, 0 },
		{ "127.0.0.1:0", 0, 0 },
		{ "127.0.0.1:65536", 0, 0 },
		{ "127.0.0.1:783x", 0, 0 },
		{ "localhost:783", 0, 0 },
		{ "[127.0.0.1:783", 0, 0 },
		{ "clamd.sock", 0, 0 },
	};
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(cases); i++) {
		struct scanner_address a = { .len = 0 };
		bool is_good = scanner_parse(view_of(cases[i].text), &a);

		assert_int_equal(is_good, cases[i].family != 0);
		assert_int_equal(a.at.ss_family, cases[i].family);
		if (cases[i].family == AF_INET)
			assert_int_equal(
			    ntohs(((struct sockaddr_in *)(void *)&a.at)->sin_port),
			    cases[i].port);
		if (cases[i].family == AF_INET6)
			assert_int_equal(
			    ntohs(((struct sockaddr_in6 *)(void *)&a.at)->sin6_port),
			    cases[i].port);
	}
}

static void
test_long_path(void **state)
{
	struct scanner_address a;
	struct str path = { 0 };
	size_t room = sizeof(((struct sockaddr_un *)NULL)->sun_path);

	(void)state;
	str_append_byte(&path, '/');
	while (path.len < room - 1)
		str_append_byte(&path, 'x');
	assert_true(scanner_parse(str_view(&path), &a));
	str_append_byte(&path, 'x');
	assert_false(scanner_parse(str_view(&path), &a));
	str_free(&path);
}

static void
test_scores(void **state)
{
	static const struct {
		const char *text;
		bool is_good;
		int64_t score;
		const char *shown;
	} cases[] = {
		{ "5", true, 5000, "5.0" },
		{ "5.0", true, 5000, "5.0" },
		{ "12.5", true, 12500, "12.5" },
		{ "-0.25", true, -250, "-0.25" },
		{ ".5", true, 500, "0.5" },
		{ "0", true, 0, "0.0" },
		{ "1.23456", true, 1234, "1.234" },
		{ "99999999999999999999.9", true, 1000000900, "1000000.9" },
		{ "-99999999999999999999", true, -1000000000, "-1000000.0" },
		{ "", false, 0, NULL },
		{ "-", false, 0, NULL },
		{ ".", false, 0, NULL },
		{ "5.", false, 0, NULL },
		{ "5,5", false, 0, NULL },
		{ " 5", false, 0, NULL },
		{ "+5", false, 0, NULL },
		{ "many", false, 0, NULL },
	};
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(cases); i++) {
		int64_t score = 7;
		struct str out = { 0 };

		assert_int_equal(
		    score_parse(view_of(cases[i].text), &score), cases[i].is_good);
		assert_true(score == (cases[i].is_good ? cases[i].score : 7));
		if (!cases[i].is_good)
			continue;
		score_format(&out, score);
		assert_string_equal(str_text(&out), cases[i].shown);
		str_free(&out);
	}
}

static void
test_clamd(void **state)
{
	static const struct {
		struct view answer;
		enum clamd_result result;
		const char *text;
	} cases[] = {
		{ ROW("stream: OK\0"), CLAMD_CLEAN, "" },
		{ ROW("stream: OK\n"), CLAMD_CLEAN, "" },
		{ ROW("stream: OK"), CLAMD_CLEAN, "" },
		{ ROW("stream: OK\0stream: X FOUND\0"), CLAMD_CLEAN, "" },
		{ ROW("stream: Eicar-Test FOUND\0"), CLAMD_FOUND, "Eicar-Test" },
		{ ROW("stream: OK FOUND\0"), CLAMD_FOUND, "OK" },
		{ ROW("stream: a\r\x80\x1b FOUND\0"), CLAMD_FOUND, "a???" },
		{ ROW("INSTREAM size limit exceeded. ERROR\0"), CLAMD_TOO_LARGE, "" },
		{ ROW("stream: lstat() failed. ERROR\0"), CLAMD_FAILED,
		    "stream: lstat() failed. ERROR" },
		{ ROW("stream:  FOUND\0"), CLAMD_FAILED, "stream:  FOUND" },
		{ ROW("stream: OKAY\0"), CLAMD_FAILED, "stream: OKAY" },
		{ ROW("stream: OK FOUN"), CLAMD_FAILED, "stream: OK FOUN" },
		{ ROW("OK\0"), CLAMD_FAILED, "OK" },
		{ ROW("UNKNOWN COMMAND\0"), CLAMD_FAILED, "UNKNOWN COMMAND" },
		{ ROW(""), CLAMD_FAILED, "no answer" },
		{ ROW("\0stream: OK\0"), CLAMD_FAILED, "no answer" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(cases); i++) {
		struct clamd_verdict v;

		clamd_parse(cases[i].answer, &v);
		assert_int_equal(v.result, cases[i].result);
		assert_view_equal(clamd_text(&v), view_of(cases[i].text));
	}
}

#define GOOD "SPAMD/1.1 0 EX_OK\r\n"

static void
test_spamd(void **state)
{
	static const struct {
		const char *answer;
		bool is_good, is_spam;
		int64_t score, needed;
		const char *symbols;
	} cases[] = {
		{ GOOD "Content-length: 3\r\nSpam: True ; 12.5 / 5.0\r\n\r\nA,B", true,
		    true, 12500, 5000, "A,B" },
		{ GOOD "Spam: False ; -1 / 5.0\r\n\r\nA\r\n", true, false, -1000, 5000,
		    "A" },
		{ GOOD "spam:yes;1/2\n\n", true, true, 1000, 2000, "" },
		{ GOOD "X: y\r\nSpam: True ; 1 / 2\r\n\r\nA\r\nX-Evil: 1\n", true, true,
		    1000, 2000, "AX-Evil:1" },
		{ GOOD "Content-length: 2\r\nSpam: True ; 1 / 2\r\n\r\nABC", true, true,
		    1000, 2000, "AB" },
		{ GOOD "Content-length: 4\r\nSpam: True ; 1 / 2\r\n\r\nABC", false, 0, 0,
		    0, NULL },
		{ GOOD "Content-length: x\r\nSpam: True ; 1 / 2\r\n\r\nABC", false, 0, 0,
		    0, NULL },
		{ GOOD "Spam: True ; 1 / 2\r\n", false, 0, 0, 0, NULL },
		{ GOOD "\r\n", false, 0, 0, 0, NULL },
		{ GOOD "Spam: True ; 1\r\n\r\n", false, 0, 0, 0, NULL },
		{ GOOD "Spam: 1 / 2\r\n\r\n", false, 0, 0, 0, NULL },
		{ GOOD "no field\r\nSpam: True ; 1 / 2\r\n\r\n", false, 0, 0, 0, NULL },
		{ "SPAMD/1.1 76 Bad\r\nSpam: True ; 1 / 2\r\n\r\n", false, 0, 0, 0,
		    NULL },
		{ "SPAMD/1.1\r\nSpam: True ; 1 / 2\r\n\r\n", false, 0, 0, 0, NULL },
		{ "HTTP/1.1 0 OK\r\nSpam: True ; 1 / 2\r\n\r\n", false, 0, 0, 0, NULL },
		{ "", false, 0, 0, 0, NULL },
	};
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(cases); i++) {
		struct spamd_verdict v;
		bool is_good = spamd_parse(view_of(cases[i].answer), &v);

		assert_int_equal(is_good, cases[i].is_good);
		if (!is_good)
			continue;
		assert_int_equal(v.is_spam, cases[i].is_spam);
		assert_true(v.score == cases[i].score && v.needed == cases[i].needed);
		assert_view_equal(spamd_symbols(&v), view_of(cases[i].symbols));
	}
}

/* Symbols that do not fit are left out whole. */
static void
test_many_symbols(void **state)
{
	struct str answer = { 0 };
	struct spamd_verdict v;
	int i;

	(void)state;
	str_append_text(&answer, GOOD "Spam: True ; 1 / 2\r\n\r\nSYMBOL");
	for (i = 0; i < SPAMD_SYMBOLS_MAX; i++)
		str_append_text(&answer, ",SYMBOL");
	assert_true(spamd_parse(str_view(&answer), &v));
	assert_true(v.len <= SPAMD_SYMBOLS_MAX);
	assert_true(view_ends_nocase(spamd_symbols(&v), VIEW(",SYMBOL")));
	str_free(&answer);
}

static void
test_header(void **state)
{
	static const struct {
		const char *in, *mark, *out;
	} cases[] = {
		{ "Subject: x\n\nSubject: y\n", "", "Subject: x\n\nSubject: y\n" },
		{ "Subject: x\n\nSubject: y\n", "M", "Subject: M x\n\nSubject: y\n" },
		{ "subject:x\nSubject: y\n\n", "M", "subject: M x\nSubject: y\n\n" },
		{ "Subject:\n x\n\n", "M", "Subject: M\n x\n\n" },
		{ "Subjects: x\n\n", "M\r\nX: y", "Subjects: x\nSubject: MX: y\n\n" },
		{ "A: b", "M", "A: b\nSubject: M\n" },
		{ "Subject:", "M", "Subject: M" },
		{ "", "M", "Subject: M\n" },
		{ "\n", "M", "Subject: M\n\n" },
		{ "X-Spam-Flag: a\nx-spam-X: b\n c\nX-Spam: d\n X-Spam-e\n\nX-Spam-Flag: "
		  "f",
		    "",
		    "Old-X-Spam-Flag: a\nOld-x-spam-X: b\n c\nX-Spam: d\n X-Spam-e\n\n"
		    "X-Spam-Flag: f" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(cases); i++) {
		struct str out = { 0 };

		spamheader_rewrite(&out, view_of(cases[i].in), view_of(cases[i].mark));
		assert_string_equal(str_text(&out), cases[i].out);
		str_free(&out);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_addresses),
		cmocka_unit_test(test_long_path),
		cmocka_unit_test(test_scores),
		cmocka_unit_test(test_clamd),
		cmocka_unit_test(test_spamd),
		cmocka_unit_test(test_many_symbols),
		cmocka_unit_test(test_header),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
