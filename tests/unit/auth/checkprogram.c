/* checkprogram, checkpassword: which checker the command line names, and what its exit says. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "auth/checkpassword.h"
#include "auth/checkprogram.h"
#include "auth/senders.h"
#include "lib/view.h"

struct row {
	const char *arguments[8]; /* behind argv[0] */
	enum dialect dialect;
	const char *plain, *cram, *hostname; /* NULL: none */
	bool safe;
};

/* sh and cat stand for checkers found in $PATH. */
static const struct row rows[] = {
	{ { NULL }, DIALECT_NOTQMAIL, NULL, NULL, NULL, true },
	{ { "sh" }, DIALECT_NOTQMAIL, NULL, NULL, NULL, true },
	{ { "sh", "true" }, DIALECT_NOTQMAIL, "sh", "sh", NULL, true },
	{ { "/bin/sh", "true", "x" }, DIALECT_NOTQMAIL, "/bin/sh", "/bin/sh", NULL,
	    true },
	{ { "mx.example.org", "sh", "true" }, DIALECT_NOTQMAIL, "sh", "sh",
	    "mx.example.org", true },
	/* the open relay of patch 0.31: the host name was forgotten */
	{ { "sh", "true" }, DIALECT_JMS1, "sh", "sh", NULL, true },
	{ { "mx.example.org", "true" }, DIALECT_NOTQMAIL, "mx.example.org",
	    "mx.example.org", NULL, false },
	{ { "sh", "true", "x" }, DIALECT_JMS1, "true", "true", "sh", false },
	{ { "true", "true" }, DIALECT_NOTQMAIL, "true", "true", NULL, false },
	{ { "/bin/true", "x" }, DIALECT_SAGREDO, "/bin/true", "/bin/true", NULL, false },
	{ { "/no/such/checker", "true" }, DIALECT_NOTQMAIL, "/no/such/checker",
	    "/no/such/checker", NULL, false },
	{ { "mx.example.org", "sh", "true" }, DIALECT_SAGREDO, "mx.example.org",
	    "mx.example.org", NULL, false },
	{ { "sh", "true", "cat", "/bin/true" }, DIALECT_NOTQMAIL, "sh", "cat", NULL,
	    true },
	{ { "mx.example.org", "sh", "true", "cat", "true" }, DIALECT_NOTQMAIL, "sh",
	    "cat", "mx.example.org", true },
	{ { "sh", "true", "true", "true" }, DIALECT_NOTQMAIL, "sh", "true", NULL, false },
};

static void
check_text(const char *got, const char *expected)
{
	if (expected)
		assert_string_equal(got, expected);
	else
		assert_null(got);
}

static void
the_arguments_name_the_checker(void **state)
{
	size_t i;
	int k;

	(void)state;
	for (i = 0; i < sizeof rows / sizeof *rows; i++) {
		static char name[] = "qmail-smtpd";
		char *argv[10] = { name };
		struct checkprogram got;

		for (k = 0; rows[i].arguments[k]; k++)
			argv[k + 1] = (char *)(uintptr_t)rows[i].arguments[k];
		checkprogram_from_arguments(&got, k + 1, argv, rows[i].dialect);
		check_text(got.plain[0], rows[i].plain);
		check_text(got.cram[0], rows[i].cram);
		check_text(got.hostname, rows[i].hostname);
		assert_int_equal(got.unsafe == NULL, rows[i].safe);
	}
}

static enum check_result
run_for(int64_t ms, const char *script, struct view user, struct view password)
{
	static char sh[] = "sh", option[] = "-c";
	char *argv[] = { sh, option, (char *)(uintptr_t)script, NULL };

	struct str senders = { 0 };
	enum check_result result = checkpassword_run(
	    argv, user, password, VIEW(""), deadline_in_ms(ms), &senders);

	str_free(&senders);
	return result;
}

static enum check_result
run(const char *script, struct view user, struct view password)
{
	return run_for(20000, script, user, password);
}

static void
the_exit_code_is_the_verdict(void **state)
{
	(void)state;
	assert_int_equal(run("exit 0", VIEW("u"), VIEW("p")), CHECK_ACCEPTED);
	assert_int_equal(run("exit 1", VIEW("u"), VIEW("p")), CHECK_REFUSED);
	assert_int_equal(run("exit 3", VIEW("u"), VIEW("p")), CHECK_NO_RELAY);
	assert_int_equal(run("exit 2", VIEW("u"), VIEW("p")), CHECK_TROUBLE);
	assert_int_equal(run("exit 100", VIEW("u"), VIEW("p")), CHECK_TROUBLE);
	assert_int_equal(run("exit 111", VIEW("u"), VIEW("p")), CHECK_TROUBLE);
	assert_int_equal(run("kill -9 $$", VIEW("u"), VIEW("p")), CHECK_CRASHED);
	assert_int_equal(run("exit 0", VIEW("u\0x"), VIEW("p")), CHECK_MALFORMED);
}

static void
the_checker_reads_three_strings(void **state)
{
	static const char script[] =
	    "test \"$(tr '\\000' '|' <&3)\" = 'joe|pass word||' && "
	    "test -z \"$(cat)\"";

	(void)state;
	assert_int_equal(run(script, VIEW("joe"), VIEW("pass word")), CHECK_ACCEPTED);
	assert_int_equal(run(script, VIEW("joe"), VIEW("other")), CHECK_REFUSED);
}

static void
a_checker_that_hangs_or_is_missing_is_no_verdict(void **state)
{
	static char missing_path[] = "/no/such/checker";
	char *missing[] = { missing_path, NULL };
	char big[CHECKPASSWORD_MAX];
	struct str senders = { 0 };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof big; i++)
		big[i] = 'x';
	assert_int_equal(
	    run_for(50, "exec sleep 1000", VIEW("u"), VIEW("p")), CHECK_CRASHED);
	assert_int_equal(checkpassword_run(missing, VIEW("u"), VIEW("p"), VIEW(""),
			     deadline_in(20), &senders),
	    CHECK_NO_CHILD);
	/* three NULs and the user take 4 octets */
	assert_int_equal(run("exit 0", VIEW("u"), (struct view) { big, sizeof big - 3 }),
	    CHECK_MALFORMED);
	assert_int_equal(run("exit 0", VIEW("u"), (struct view) { big, sizeof big - 4 }),
	    CHECK_ACCEPTED);
}

/* What `script` gets across of `text`, with the result `expected`. */
static void
check_senders(const char *script, const char *text, enum check_result expected)
{
	static char sh[] = "sh", option[] = "-c";
	char *argv[] = { sh, option, (char *)(uintptr_t)script, NULL };
	struct str senders = { 0 };

	str_append_text(&senders, "before");
	assert_int_equal(checkpassword_run(argv, VIEW("u"), VIEW("p"), VIEW(""),
			     deadline_in(20), &senders),
	    expected);
	assert_string_equal(str_text(&senders), text);
	str_free(&senders);
}

static void
the_checker_tells_senders(void **state)
{
	(void)state;
	check_senders("echo a@b >&5", "a@b\n", CHECK_ACCEPTED);
	check_senders("echo a@b >&5; echo c@d >&5; exit 3", "a@b\nc@d\n", CHECK_NO_RELAY);
	check_senders("exit 0", "", CHECK_ACCEPTED);
	check_senders("exec 5>&-", "", CHECK_ACCEPTED);
	check_senders("echo a@b >&5; exit 1", "before", CHECK_REFUSED);
	check_senders("printf '%8193s' x >&5", "before", CHECK_TROUBLE);
}

static const struct {
	const char *lines, *local, *domain;
	bool allowed;
} sender_rows[] = {
	{ "", "a", "b.example", true },
	{ "", "", "", true },
	{ "\n\n", "a", "b.example", true },
	{ "a@b.example\n", "a", "b.example", true },
	{ "a@b.example", "a", "b.example", true },
	{ "a@b.example\r\n", "A", "B.example", true },
	{ "a@b.example\n", "", "", false },
	{ "a@b.example\n", "a", "", false },
	{ "a@b.example\n", "x", "b.example", false },
	{ "a@b.example\n", "a", "c.b.example", false },
	{ "@b.example\n", "x", "b.example", true },
	{ "@b.example\n", "x", "c.b.example", false },
	{ "@b.example\n", "", "", false },
	{ "x@y\n\na@b.example\n", "a", "b.example", true },
	{ "<>\n", "", "", true },
	{ "<>\n", "a", "b.example", false },
	{ "b.example\n", "a", "b.example", false },
	{ "a@x@b.example\n", "a@x", "b.example", true },
};

static void
a_list_allows_what_it_names(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof sender_rows / sizeof *sender_rows; i++)
		assert_int_equal(
		    senders_allow(view_of(sender_rows[i].lines),
			view_of(sender_rows[i].local), view_of(sender_rows[i].domain)),
		    sender_rows[i].allowed);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_arguments_name_the_checker),
		cmocka_unit_test(the_exit_code_is_the_verdict),
		cmocka_unit_test(the_checker_reads_three_strings),
		cmocka_unit_test(a_checker_that_hangs_or_is_missing_is_no_verdict),
		cmocka_unit_test(the_checker_tells_senders),
		cmocka_unit_test(a_list_allows_what_it_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
