/* report: the tables of outbound 1.4 and 1.5 and of queue 4.8. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "lib/mem.h"
#include "spawn/report.h"

/* Wait statuses as Linux has them. */
#define EXITED(code)   ((code) << 8)
#define KILLED(number) (number)

#define T1          "host said\nyes\n"
#define T2          "more\n"
#define BYTES(text) text, sizeof(text) - 1
#define INCOMPLETE  "ZThe report of qmail-remote is incomplete.\n"

static const struct {
	const char *name;
	int status;
	const char *output;
	size_t len;
	const char *expected, *strict; /* strict NULL: the same */
} remote_rows[] = {
	{ "r K", 0, BYTES("r\0K" T1 "\0"), "K" T1, NULL },
	{ "K alone", 0, BYTES("K" T1 "\0"), "K" T1, NULL },
	{ "Z alone", 0, BYTES("Z" T1 "\0"), "Z" T1, NULL },
	{ "D alone", 0, BYTES("D" T1 "\0"), "D" T1, NULL },
	{ "h D", 0, BYTES("h" T1 "\0D" T2 "\0"), "D" T1 T2, NULL },
	{ "s D", 0, BYTES("s" T1 "\0D" T2 "\0"), "Z" T1 T2, NULL },
	{ "s K", 0, BYTES("s" T1 "\0K" T2 "\0"), "Z" T1, NULL },
	{ "h Z", 0, BYTES("h" T1 "\0Z" T2 "\0"), "D" T1, NULL },
	{ "h K", 0, BYTES("h" T1 "\0K" T2 "\0"), "D" T1, NULL },
	{ "s Z", 0, BYTES("s" T1 "\0Z" T2 "\0"), "Z" T1 T2, NULL },
	{ "r with text", 0, BYTES("r<From:a To:b> \0K" T1 "\0"), "K<From:a To:b> " T1,
	    NULL },
	{ "r Z", 0, BYTES("r\0Z" T1 "\0"), "Z" T1, NULL },
	{ "message record not next", 0, BYTES("r\0r\0K" T1 "\0"), "K", NULL },
	{ "no output", 0, BYTES(""), "Zqmail-remote produced no output.\n", NULL },
	{ "crash", KILLED(11), BYTES(""), "Zqmail-remote crashed.\n", NULL },
	{ "crash behind a K", KILLED(9), BYTES("K" T1 "\0"), "Zqmail-remote crashed.\n",
	    NULL },
	{ "111", EXITED(111), BYTES("K" T1 "\0"), "ZUnable to run qmail-remote.\n",
	    NULL },
	{ "100", EXITED(100), BYTES(""), "DUnable to run qmail-remote.\n", NULL },
	{ "1 behind a K", EXITED(1), BYTES("K" T1 "\0"), "DUnable to run qmail-remote.\n",
	    NULL },
	{ "not loaded", EXITED(127), BYTES("x: error while loading shared libraries: y"),
	    "ZUnable to run qmail-remote.\n", NULL },
	{ "127", EXITED(127), BYTES("x: not found\n"), "DUnable to run qmail-remote.\n",
	    NULL },
	{ "no NUL", 0, BYTES("K" T1), INCOMPLETE, "D" },
	{ "no message record", 0, BYTES("r\0"), INCOMPLETE, "D" },
	{ "stderr in between", 0, BYTES("r\0oops\nK" T1 "\0"), INCOMPLETE, "D" },
	{ "K, then cut", 0, BYTES("K" T1 "\0Z"), "K" T1, NULL },
	{ "only NULs", 0, BYTES("\0\0\0"), INCOMPLETE, "D" },
};

static void
remote_reports_are_those_of_the_tables(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof remote_rows / sizeof *remote_rows; i++) {
		const char *strict = remote_rows[i].strict ? remote_rows[i].strict
							   : remote_rows[i].expected;
		struct view output = { remote_rows[i].output, remote_rows[i].len };
		struct str report = { 0 };

		report_from_remote(remote_rows[i].status, output, false, &report);
		assert_string_equal(str_text(&report), remote_rows[i].expected);
		str_clear(&report);
		report_from_remote(remote_rows[i].status, output, true, &report);
		assert_string_equal(str_text(&report), strict);
		str_free(&report);
	}
}

static const struct {
	int status;
	const char *expected;
} local_rows[] = {
	{ EXITED(0), "Ktext\n" },
	{ EXITED(111), "Ztext\n" },
	{ EXITED(71), "Ztext\n" },
	{ EXITED(74), "Ztext\n" },
	{ EXITED(75), "Ztext\n" },
	{ EXITED(100), "Dtext\n" },
	{ EXITED(1), "Dtext\n" },
	{ EXITED(99), "Dtext\n" },
	{ EXITED(114), "Dtext\n" },
	{ EXITED(255), "Dtext\n" },
	{ KILLED(11), "Zqmail-local crashed.\n" },
	{ EXITED(112), "ZInternal qmail-lspawn bug.\n" },
	{ EXITED(113), "ZNot allowed to perform deliveries as root.\n" },
	{ EXITED(115), "ZNFS failure in qmail-local.\n" },
	{ EXITED(116), "ZUnable to find alias user!\n" },
	{ EXITED(117), "ZTrouble reading users/cdb in qmail-lspawn.\n" },
	{ EXITED(118), "ZTemporary failure in qmail-lspawn.\n" },
	{ EXITED(119), "ZOut of memory in qmail-lspawn.\n" },
	{ EXITED(120), "ZUnable to run qmail-local.\n" },
	{ EXITED(121), "ZUnable to run qmail-getpw.\n" },
	{ EXITED(126), "DUnable to run qmail-local.\n" },
};

static void
local_reports_are_those_of_the_table(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof local_rows / sizeof *local_rows; i++) {
		struct str report = { 0 };

		report_from_local(local_rows[i].status, VIEW("text\n\0hidden"), &report);
		assert_string_equal(str_text(&report), local_rows[i].expected);
		str_free(&report);
	}
}

static void
local_without_its_libraries_is_deferred(void **state)
{
	static const char *const texts[] = { "a: error while loading shared libraries: b",
		"Error loading shared library b: no memory" };
	struct str report = { 0 };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof texts / sizeof *texts; i++) {
		report_from_local(EXITED(127), view_of(texts[i]), &report);
		assert_int_equal(report.at[0], 'Z');
		str_clear(&report);
		report_from_local(EXITED(100), view_of(texts[i]), &report);
		assert_int_equal(report.at[0], 'D');
		str_clear(&report);
	}
	report_from_local(EXITED(127), VIEW("not found"), &report);
	assert_int_equal(report.at[0], 'D');
	str_free(&report);
}

static void
long_local_output_is_cut(void **state)
{
	static const char end[] = "\nError report too long, sorry.\n";
	char *output = mem_alloc(REPORT_LOCAL_MAX + 1);
	struct str report = { 0 };

	(void)state;
	memset(output, 'x', REPORT_LOCAL_MAX + 1);
	report_from_local(0, (struct view) { output, REPORT_LOCAL_MAX }, &report);
	assert_int_equal(report.len, 1 + REPORT_LOCAL_MAX);
	str_clear(&report);
	report_from_local(0, (struct view) { output, REPORT_LOCAL_MAX + 1 }, &report);
	assert_int_equal(report.len, 1 + REPORT_LOCAL_MAX - 3);
	assert_string_equal(report.at + report.len - (sizeof end - 1), end);
	str_free(&report);
	mem_free(output);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(remote_reports_are_those_of_the_tables),
		cmocka_unit_test(local_reports_are_those_of_the_table),
		cmocka_unit_test(local_without_its_libraries_is_deferred),
		cmocka_unit_test(long_local_output_is_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
