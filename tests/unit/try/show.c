/* show: what a line looks like, and what never gets into one. */
#include "unit/unit.h"

#include "lib/date.h"
#include "try/show.h"

static const char PATH[] = "shown";

/* What was printed so far. */
static struct view
shown(struct str *bytes)
{
	str_clear(bytes);
	assert_int_equal(fd_read_file(PATH, bytes, 100000), 0);
	return str_view(bytes);
}

static void
start(struct show *s)
{
	show_init(s, open(PATH, O_WRONLY | O_CREAT | O_TRUNC, 0600));
	assert_true(s->fd >= 0);
}

static void
end(struct show *s, struct str *bytes)
{
	fd_close(&s->fd);
	show_free(s);
	str_free(bytes);
}

static void
test_lines(void **state)
{
	struct str bytes = { 0 };
	struct show s;

	(void)state;
	start(&s);
	show_text(&s, "a", "b", NULL);
	show_text(&s, "auth-in-clear", "b", "");
	show_line(&s, "a", VIEW("x  y\t\0\\\x80 "), NULL);
	show_warning(&s, "file:1", VIEW("text"));
	show_warning(&s, NULL, VIEW("text"));
	show_warning(&s, "file:1", VIEW("text"));
	assert_view_equal(shown(&bytes),
	    VIEW("a:             b\n"
		 "auth-in-clear: b\n"
		 "a:             x \\x20y\\x09\\x00\\x5c\\x80\n"
		 "warning:       file:1: text\n"
		 "warning:       text\n"));
	end(&s, &bytes);
}

static void
test_place(void **state)
{
	struct str bytes = { 0 };
	struct show s;

	(void)state;
	start(&s);
	show_text(&s, "a", "b", "f:1");
	show_text(&s, "a",
	    "0123456789012345678901234567890123456789012345678901234567890", "f:1");
	assert_view_equal(shown(&bytes),
	    VIEW("a:             b                                              (f:1)\n"
		 "a:             "
		 "0123456789012345678901234567890123456789012345678901234567890  "
		 "(f:1)\n"));
	end(&s, &bytes);
}

static void
test_hidden(void **state)
{
	struct str bytes = { 0 };
	struct show s;

	(void)state;
	start(&s);
	show_hide(&s, VIEW(""));
	show_remote(&s, "r", VIEW("250-a pw\n250 b\n"));
	show_hide(&s, VIEW("pw"));
	show_hide(&s, VIEW("pw-longer"));
	show_remote(&s, "r", VIEW("pw pw-longer pw-long"));
	assert_view_equal(shown(&bytes),
	    VIEW("r:             250-a pw\n"
		 "r:             250 b\n"
		 "r:             [hidden] [hidden] [hidden]-long\n"));
	end(&s, &bytes);
}

/* More secrets than there is room for: better to show nothing. */
static void
test_blind(void **state)
{
	struct str bytes = { 0 }, big = { 0 };
	struct show s;
	size_t i;

	(void)state;
	start(&s);
	for (i = 0; i < 40000; i++)
		str_append_byte(&big, 'x');
	show_hide(&s, str_view(&big));
	show_hide(&s, str_view(&big));
	show_remote(&s, "r", VIEW("250 ok"));
	assert_view_equal(shown(&bytes), VIEW("r:             [hidden]\n"));
	str_free(&big);
	end(&s, &bytes);
}

static void
test_parts(void **state)
{
	struct str out = { 0 };

	(void)state;
	date_format_rfc3339(&out, 1795878000);
	str_append_byte(&out, ' ');
	show_append_server(&out, VIEW("a.b"), 25);
	str_append_byte(&out, ' ');
	show_append_server(&out, VIEW("::1"), 65535);
	assert_view_equal(
	    str_view(&out), VIEW("2026-11-28T15:00:00Z a.b:25 [::1]:65535"));
	str_free(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_place),
		cmocka_unit_test(test_hidden),
		cmocka_unit_test(test_blind),
		cmocka_unit_test(test_parts),
	};

	return cmocka_run_group_tests(tests, unit_enter_directory, NULL);
}
