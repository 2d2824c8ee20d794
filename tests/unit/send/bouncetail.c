/* bouncetail: what of a bounce/N may be sent, and what becomes of a paragraph that other suites have cut. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "lib/fd.h"
#include "lib/str.h"
#include "send/bounce.h"
#include "send/bouncetail.h"

enum { LONG = 40000 };

static struct layout layout;
static const struct routes routes;

static void
write_file(const char *path, struct view text)
{
	int fd = openat(layout.fd, path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(fd_write_all(fd, text), 0);
	close(fd);
}

static void
read_file(const char *path, struct str *out)
{
	int fd = openat(layout.fd, path, O_RDONLY);

	str_clear(out);
	assert_true(fd >= 0);
	assert_int_equal(fd_read_all(fd, out, 1 << 20), 0);
	close(fd);
}

static void
only_whole_paragraphs_count(void **state)
{
	static const struct {
		const char *text;
		int64_t whole;
	} rows[] = {
		{ "", 0 },
		{ "\n", 0 },
		{ "<a@b>", 0 },
		{ "<a@b>:\nno\n", 0 },
		{ "<a@b>:\nno\n\n", 11 },
		{ "<a@b>:\n\n", 8 },
		{ "<a@b>:\nno\n\n<c@d>:\nno", 11 },
		{ "<a@b>:\nno\n\n<c@d>:\nno\n", 11 },
		{ "<a@b>:\nno\n\n<c@d>:\nno\n\n", 22 },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof rows / sizeof *rows; i++) {
		write_file("bounce/7", view_of(rows[i].text));
		assert_int_equal(bounce_size(&layout, 7), rows[i].whole);
	}
}

/* The empty line may lie between two pieces that are read. */
static void
it_is_found_behind_a_long_rest(void **state)
{
	struct str text = { 0 };
	size_t rest;

	(void)state;
	for (rest = LONG - 20; rest < LONG; rest++) {
		str_clear(&text);
		str_append_text(&text, "<a@b>:\nno\n\n");
		while (text.len < rest)
			str_append_byte(&text, 'x');
		write_file("bounce/7", str_view(&text));
		assert_int_equal(bounce_size(&layout, 7), 11);
	}
	str_free(&text);
}

static void
what_was_cut_has_nothing_behind_it(void **state)
{
	struct str text = { 0 };

	(void)state;
	write_file("bounce/7", VIEW("<a@b>:\nno\n\n<c@d>:\nha"));
	assert_int_equal(
	    bounce_append(&layout, &routes, 7, VIEW("e@f"), VIEW("never\n")), 0);
	read_file("bounce/7", &text);
	assert_string_equal(str_text(&text), "<a@b>:\nno\n\n<e@f>:\nnever\n\n");
	str_free(&text);
}

static void
a_failure_that_is_marked_is_told(void **state)
{
	static const struct {
		const char *before;
		struct view remote;
		const char *after;
	} rows[] = {
		{ "<a@b>:\nno\n\n", { "Da@b\0", 5 }, "<a@b>:\nno\n\n" },
		{ "<a@b>:\nn", { "Ta@b\0", 5 }, "<a@b>:\nn" },
		{ "<a@", { "Dx@b\0Ta@b\0", 10 }, "<a@" },
		{ "<a@b>:\nn", { "Da@b\0", 5 },
		    "<a@b>:\nn\n(The rest of this report is lost.)\n\n" },
		{ "<a@b>:\nno\n", { "Da@b\0Tc@d\0", 10 },
		    "<a@b>:\nno\n(The rest of this report is lost.)\n\n" },
		{ "<a@b>:", { "Da@b\0", 5 },
		    "<a@b>:\n(The rest of this report is lost.)\n\n" },
		{ "<a@b>", { "Da@b\0", 5 },
		    "<a@b>:\n(The rest of this report is lost.)\n\n" },
		{ "<a@b>:\nno\n\n<c", { "Da@b\0Dc@d\0", 10 },
		    "<a@b>:\nno\n\n<c>:\n(The rest of this report is lost.)\n\n" },
		{ "garbage", { "Da@b\0", 5 }, "garbage" },
		{ "", { "Da@b\0", 5 }, "" },
	};
	struct str text = { 0 };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof rows / sizeof *rows; i++) {
		write_file("bounce/7", view_of(rows[i].before));
		write_file("remote/0/7", rows[i].remote);
		assert_int_equal(bouncetail_mend(&layout, &routes, 7), 0);
		read_file("bounce/7", &text);
		assert_string_equal(str_text(&text), rows[i].after);
	}
	unlinkat(layout.fd, "remote/0/7", 0);
	write_file("bounce/7", VIEW("<a@b>:\nn"));
	assert_int_equal(bouncetail_mend(&layout, &routes, 7), 0);
	read_file("bounce/7", &text);
	assert_string_equal(
	    str_text(&text), "<a@b>:\nn\n(The rest of this report is lost.)\n\n");
	str_free(&text);
	unlinkat(layout.fd, "bounce/7", 0);
	assert_int_equal(bouncetail_mend(&layout, &routes, 7), 0);
}

static int
make_queue(void **state)
{
	static char home[] = "/tmp/qferry-bouncetail.XXXXXX";
	static const char *const dirs[] = { "bounce", "local", "local/0", "remote",
		"remote/0" };
	size_t i;

	if (!mkdtemp(home) || chdir(home) < 0)
		return -1;
	for (i = 0; i < sizeof dirs / sizeof *dirs; i++)
		if (mkdir(dirs[i], 0700) < 0)
			return -1;
	*state = home;
	layout.split = 1;
	layout.fd = open(".", O_RDONLY | O_DIRECTORY);
	return layout.fd < 0 ? -1 : 0;
}

static int
remove_queue(void **state)
{
	close(layout.fd);
	unlink("bounce/7");
	unlink("remote/0/7");
	rmdir("bounce");
	rmdir("local/0");
	rmdir("local");
	rmdir("remote/0");
	rmdir("remote");
	return rmdir(*state);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_whole_paragraphs_count),
		cmocka_unit_test(it_is_found_behind_a_long_rest),
		cmocka_unit_test(what_was_cut_has_nothing_behind_it),
		cmocka_unit_test(a_failure_that_is_marked_is_told),
	};

	return cmocka_run_group_tests(tests, make_queue, remove_queue);
}
