/* log, problem, sid: what is escaped, what is cut, and that level 0 is silent. */
#include <errno.h>

#include "lib/fmt.h"
#include "lib/log.h"
#include "lib/sid.h"
#include "unit/unit.h"

struct catcher {
	int ends[2];
	struct log log;
	struct str prefix;
};

static void
open_log(struct catcher *c)
{
	*c = (struct catcher) { .log = { .program = "unit", .level = 1 } };
	assert_int_equal(fd_pipe(c->ends), 0);
	c->log.fd = c->ends[1];
	str_append_text(&c->prefix, "unit[");
	fmt_u64(&c->prefix, (uint64_t)getpid());
	str_append_text(&c->prefix, "]: ");
}

/* What was written, without "unit[PID]: ". */
static void
check_log(struct catcher *c, struct view expected)
{
	struct str got = { 0 };

	fd_close(&c->ends[1]);
	assert_int_equal(fd_read_all(c->ends[0], &got, 100000), 0);
	fd_close(&c->ends[0]);
	if (expected.len == 0) {
		assert_int_equal(got.len, 0);
	} else {
		assert_true(view_starts(str_view(&got), str_view(&c->prefix)));
		assert_view_equal(view_from(str_view(&got), c->prefix.len), expected);
	}
	str_free(&got);
	str_free(&c->prefix);
}

static void
a_line_with_values_of_strangers(void **state)
{
	struct log_line line;
	struct catcher c;

	(void)state;
	open_log(&c);
	c.log.sid = VIEW("0123");
	c.log.ip = VIEW("192.0.2.1");
	log_begin(&line, &c.log, LOG_REFUSE);
	log_add_u64(&line, KEY_CODE, 553);
	log_add(&line, KEY_FROM, BYTES("a b\\\n\0\x7f\xff~!"));
	log_add_text(&line, KEY_TO, NULL);
	log_end(&line);
	check_log(&c,
	    VIEW("refuse sid=0123 ip=192.0.2.1 code=553 "
		 "from=a\\x20b\\x5c\\x0a\\x00\\x7f\\xff~! to=\n"));
}

static void
a_long_value_is_cut_between_bytes(void **state)
{
	char value[300];
	struct str expected = { 0 };
	struct log_line line;
	struct catcher c;

	(void)state;
	open_log(&c);
	memset(value, 'x', sizeof value);
	value[254] = '\n'; /* would need 4, and there are 2 */
	log_begin(&line, &c.log, LOG_END);
	log_add(&line, KEY_REASON, (struct view) { value, sizeof value });
	log_end(&line);
	str_append_text(&expected, "end reason=");
	str_append(&expected, (struct view) { value, 254 });
	str_append_text(&expected, "\n");
	check_log(&c, str_view(&expected));
	str_free(&expected);
}

static void
a_long_line_ends_at_1024(void **state)
{
	char value[256];
	struct str got = { 0 };
	struct log_line line;
	struct catcher c;
	int i;

	(void)state;
	open_log(&c);
	memset(value, 'x', sizeof value);
	log_begin(&line, &c.log, LOG_END);
	for (i = 0; i < 6; i++)
		log_add(&line, KEY_REASON, (struct view) { value, sizeof value });
	log_end(&line);
	fd_close(&c.ends[1]);
	assert_int_equal(fd_read_all(c.ends[0], &got, 100000), 0);
	assert_int_equal(got.len, 1024);
	assert_int_equal(got.at[1023], '\n');
	assert_int_equal(view_index(str_view(&got), '\n'), 1023);
	fd_close(&c.ends[0]);
	str_free(&got);
	str_free(&c.prefix);
}

/* Of a value that does not fit whole octets are left, of a key the whole or nothing. */
static void
a_long_line_is_cut_between_bytes_and_keys(void **state)
{
	char plain[256], wide[256];
	size_t n;

	(void)state;
	memset(plain, 'y', sizeof plain);
	memset(wide, 0xff, sizeof wide);
	for (n = 0; n <= sizeof plain; n++) {
		struct log_line line;
		struct str got = { 0 };
		struct catcher c;
		int i;

		open_log(&c);
		log_begin(&line, &c.log, LOG_END);
		for (i = 0; i < 3; i++)
			log_add(&line, KEY_REASON, (struct view) { plain, i ? 256 : n });
		for (i = 0; i < 2; i++)
			log_add(&line, KEY_REASON, (struct view) { wide, 256 });
		log_end(&line);
		fd_close(&c.ends[1]);
		assert_int_equal(fd_read_all(c.ends[0], &got, 100000), 0);
		fd_close(&c.ends[0]);
		assert_true(got.len > 1024 - 9 && got.len <= 1024);
		assert_true(view_ends(str_view(&got), VIEW("\\xff\n")) ||
		    view_ends(str_view(&got), VIEW(" reason=\n")));
		str_free(&got);
		str_free(&c.prefix);
	}
}

static void
level_0_is_silent(void **state)
{
	struct problem problem;
	struct log_line line;
	struct catcher c;
	struct log none = { 0 };

	(void)state;
	open_log(&c);
	c.log.level = 0;
	problem_note(&problem, "control/me", 0, "unreadable", EACCES);
	log_problem(&c.log, &problem);
	log_warning(&c.log, "x", VIEW(""));
	log_begin(&line, &none, LOG_END);
	log_add_u64(&line, KEY_CODE, 1);
	log_end(&line);
	check_log(&c, VIEW(""));
}

static void
a_problem_has_a_place_and_a_reason(void **state)
{
	struct problem problem;
	struct catcher c;

	(void)state;
	open_log(&c);
	problem_note(&problem, "control/limits", 3, "not a number", 0);
	log_problem(&c.log, &problem);
	check_log(&c, VIEW("config file=control/limits:3 reason=not\\x20a\\x20number\n"));
	open_log(&c);
	problem_note(&problem, "control/me", 0, "unreadable", EACCES);
	log_problem(&c.log, &problem);
	check_log(&c,
	    VIEW("config file=control/me reason=unreadable "
		 "error=Permission\\x20denied\n"));
	open_log(&c);
	log_warning(&c.log, "odd", VIEW("it is"));
	check_log(&c, VIEW("warning text=odd reason=it\\x20is\n"));
}

static void
a_problem_keeps_its_line_number(void **state)
{
	char path[400];
	struct problem problem;

	(void)state;
	memset(path, 'p', sizeof path);
	path[sizeof path - 1] = '\0';
	problem_note(&problem, path, SIZE_MAX, "x", 7);
	assert_int_equal(strlen(problem.where), sizeof problem.where - 1);
	assert_non_null(strstr(problem.where, ":18446744073709551615"));
	assert_int_equal(problem.error, 7);
	problem_note(NULL, path, 1, "x", 0);
}

static void
session_ids(void **state)
{
	char sid[SID_LEN + 1];

	(void)state;
	sid_make(sid, 0x6123abcd, 0x1ffff, 0xbeef);
	assert_string_equal(sid, "6123abcdffffbeef");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line_with_values_of_strangers),
		cmocka_unit_test(a_long_value_is_cut_between_bytes),
		cmocka_unit_test(a_long_line_ends_at_1024),
		cmocka_unit_test(a_long_line_is_cut_between_bytes_and_keys),
		cmocka_unit_test(level_0_is_silent),
		cmocka_unit_test(a_problem_has_a_place_and_a_reason),
		cmocka_unit_test(a_problem_keeps_its_line_number),
		cmocka_unit_test(session_ids),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
