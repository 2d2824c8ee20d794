/* dotqmail: kinds of lines.  maildir: names.  copy: what an mbox gets, however it is read. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <unistd.h>

#include <cmocka.h>

#include "lib/fd.h"
#include "local/copy.h"
#include "local/dotqmail.h"
#include "local/maildir.h"

#define BYTES(text)                       \
	{                                 \
		"" text, sizeof(text) - 1 \
	}

static const struct {
	struct view line;
	enum dotqmail_kind kind;
	const char *what;
} lines[] = {
	{ BYTES(""), DOTQMAIL_BLANK, "" },
	{ BYTES(" \t "), DOTQMAIL_BLANK, "" },
	{ BYTES("# x"), DOTQMAIL_IGNORED, "# x" },
	{ BYTES("|cat >x \t"), DOTQMAIL_PROGRAM, "cat >x" },
	{ BYTES("|"), DOTQMAIL_PROGRAM, "" },
	{ BYTES("./Maildir/"), DOTQMAIL_MAILDIR, "./Maildir/" },
	{ BYTES("/a b/c/ "), DOTQMAIL_MAILDIR, "/a b/c/" },
	{ BYTES(".x/"), DOTQMAIL_MAILDIR, ".x/" },
	{ BYTES("/"), DOTQMAIL_MAILDIR, "/" },
	{ BYTES("./Mailbox"), DOTQMAIL_MBOX, "./Mailbox" },
	{ BYTES("/mbox"), DOTQMAIL_MBOX, "/mbox" },
	{ BYTES("."), DOTQMAIL_MBOX, "." },
	{ BYTES("&a@b "), DOTQMAIL_FORWARD, "a@b" },
	{ BYTES("a@b"), DOTQMAIL_FORWARD, "a@b" },
	{ BYTES(" a@b"), DOTQMAIL_FORWARD, " a@b" },
	{ BYTES("&"), DOTQMAIL_FORWARD, "" },
	{ BYTES("+list"), DOTQMAIL_LIST, "+list" },
	{ BYTES("+list  "), DOTQMAIL_LIST, "+list" },
	{ BYTES("+lists"), DOTQMAIL_IGNORED, "+lists" },
	{ BYTES("a@b\0c"), DOTQMAIL_FORWARD, "a@b" },
};

static void
line_kinds(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof lines / sizeof *lines; i++) {
		struct dotqmail_line line = dotqmail_parse(lines[i].line);

		assert_int_equal(line.kind, lines[i].kind);
		assert_true(view_equal(line.what, view_of(lines[i].what)));
	}
}

static void
line_order(void **state)
{
	struct view rest = VIEW("a\n\n|b");
	struct dotqmail_line line;

	(void)state;
	assert_true(dotqmail_next(&rest, &line));
	assert_int_equal(line.kind, DOTQMAIL_FORWARD);
	assert_true(dotqmail_next(&rest, &line));
	assert_int_equal(line.kind, DOTQMAIL_BLANK);
	assert_true(dotqmail_next(&rest, &line));
	assert_int_equal(line.kind, DOTQMAIL_PROGRAM);
	assert_false(dotqmail_next(&rest, &line));
}

static void
maildir_names(void **state)
{
	struct str name = { 0 };

	(void)state;
	maildir_name(&name, 1700000000, 12, 345, 2, VIEW("mx.example.org"));
	assert_string_equal(str_text(&name), "1700000000.M12P345Q2.mx.example.org");
	str_clear(&name);
	maildir_name(&name, 1, 0, 2, 1, VIEW("a/b:c"));
	assert_string_equal(str_text(&name), "1.M0P2Q1.a\\057b\\072c");
	str_free(&name);
}

static const struct {
	const char *in, *out;
} messages[] = {
	{ "", "" },
	{ "a", "a\n" },
	{ "a\n", "a\n" },
	{ "From x\n", ">From x\n" },
	{ ">From x\n", ">>From x\n" },
	{ ">>>>From x", ">>>>>From x\n" },
	{ " From x\n", " From x\n" },
	{ "From\n", "From\n" },
	{ "From", "From\n" },
	{ "Fro", "Fro\n" },
	{ "F\nFrom \n", "F\n>From \n" },
	{ ">\n>F\n", ">\n>F\n" },
	{ "FFrom x\n", "FFrom x\n" },
	{ "From >From \n", ">From >From \n" },
	{ "\n\nFrom x\n\n", "\n\n>From x\n\n" },
};

/* The message comes through a pipe, `step` octets at a time. */
static void
copy_one(const char *in, const char *out, size_t step)
{
	struct view rest = view_of(in);
	int from[2], to[2];
	char buffer[16], result[256];
	struct writer w;
	ssize_t n;

	assert_int_equal(fd_pipe(from), 0);
	assert_int_equal(fd_pipe(to), 0);
	if (fork() == 0) {
		for (; rest.len > 0; rest = view_from(rest, step))
			if (fd_write_all(from[1], view_first(rest, step)) < 0)
				_exit(1);
		_exit(0);
	}
	fd_close(&from[1]);
	writer_init(&w, to[1], buffer, sizeof buffer, -1);
	assert_int_equal(copy_mbox(from[0], &w), COPY_DONE);
	assert_int_equal(writer_flush(&w), 0);
	fd_close(&to[1]);
	n = read(to[0], result, sizeof result - 1);
	assert_true(n >= 0);
	result[n] = '\0';
	assert_string_equal(result, out);
	fd_close(&from[0]);
	fd_close(&to[0]);
}

static void
mbox_lines(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof messages / sizeof *messages; i++) {
		copy_one(messages[i].in, messages[i].out, 1);
		copy_one(messages[i].in, messages[i].out, 100);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(line_kinds),
		cmocka_unit_test(line_order),
		cmocka_unit_test(maildir_names),
		cmocka_unit_test(mbox_lines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
