/* cdbmap: a file of tinycdb's making, files that are none, and every one-byte damage of a good one. */
#include "config/cdbmap.h"

#include <cdb.h>
#include <errno.h>

#include "unit/unit.h"

static void
make_cdb(const char *path)
{
	struct cdb_make make;
	int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	assert_true(fd >= 0);
	assert_int_equal(cdb_make_start(&make, fd), 0);
	assert_int_equal(cdb_make_add(&make, "example.org", 11, "first", 5), 0);
	assert_int_equal(cdb_make_add(&make, "example.org", 11, "second", 6), 0);
	assert_int_equal(cdb_make_add(&make, "a\0b", 3, "", 0), 0);
	assert_int_equal(cdb_make_add(&make, "", 0, "empty key", 9), 0);
	assert_int_equal(cdb_make_finish(&make), 0);
	assert_int_equal(close(fd), 0);
}

static void
keys_are_found(void **state)
{
	struct cdbmap *map;
	struct str data = { 0 };

	(void)state;
	make_cdb("good.cdb");
	assert_int_equal(cdbmap_open("good.cdb", &map, NULL), ANSWER_YES);
	assert_int_equal(cdbmap_find(map, VIEW("example.org"), &data, NULL), ANSWER_YES);
	assert_string_equal(str_text(&data), "first");
	assert_int_equal(cdbmap_find(map, VIEW("Example.org"), &data, NULL), ANSWER_NO);
	assert_string_equal(str_text(&data), "first");
	assert_int_equal(cdbmap_find(map, BYTES("a\0b"), &data, NULL), ANSWER_YES);
	assert_string_equal(str_text(&data), "");
	assert_int_equal(cdbmap_find(map, VIEW(""), &data, NULL), ANSWER_YES);
	assert_string_equal(str_text(&data), "empty key");
	assert_int_equal(cdbmap_find(map, VIEW("a"), NULL, NULL), ANSWER_NO);
	assert_int_equal(cdbmap_find(map, VIEW(""), NULL, NULL), ANSWER_YES);
	assert_int_equal(cdbmap_first(map, &data, NULL), ANSWER_YES);
	assert_string_equal(str_text(&data), "first");
	cdbmap_close(map);
	cdbmap_close(NULL);
	str_free(&data);
}

/* The keys and data, a '|' behind each. */
static void
write_down(void *context, struct view key, struct view data)
{
	struct str *all = context;

	str_append(all, key);
	str_append_byte(all, '|');
	str_append(all, data);
	str_append_byte(all, '|');
}

static void
each_record_is_taken(void **state)
{
	struct cdbmap *map;
	struct str all = { 0 };

	(void)state;
	make_cdb("good.cdb");
	assert_int_equal(cdbmap_open("good.cdb", &map, NULL), ANSWER_YES);
	assert_int_equal(cdbmap_each(map, write_down, &all, NULL), ANSWER_YES);
	assert_view_equal(str_view(&all),
	    BYTES("example.org|first|example.org|second|a\0b|||empty key|"));
	cdbmap_close(map);
	str_free(&all);
}

static void
what_is_no_cdb(void **state)
{
	struct cdbmap *map = (struct cdbmap *)(void *)&map;
	struct problem problem = { .what = NULL };

	(void)state;
	assert_int_equal(cdbmap_open("none.cdb", &map, &problem), ANSWER_NO);
	assert_null(map);
	assert_null(problem.what);
	unit_write_file("short.cdb", VIEW("not much"));
	assert_int_equal(cdbmap_open("short.cdb", &map, &problem), ANSWER_ERROR);
	assert_string_equal(problem.where, "short.cdb");
	assert_null(map);
	unit_write_file("empty.cdb", VIEW(""));
	assert_int_equal(cdbmap_open("empty.cdb", &map, &problem), ANSWER_ERROR);
	assert_int_equal(cdbmap_open("control", &map, &problem), ANSWER_ERROR);
	assert_int_equal(mkfifo("fifo.cdb", 0600), 0);
	assert_int_equal(cdbmap_open("fifo.cdb", &map, &problem), ANSWER_ERROR);
	assert_null(map);
}

static void
look_up_all(const char *path)
{
	static const struct view keys[] = { ROW("example.org"), ROW("a\0b"), ROW(""),
		ROW("none") };
	struct problem problem;
	struct cdbmap *map;
	struct str data = { 0 };
	size_t i;

	if (cdbmap_open(path, &map, &problem) != ANSWER_YES)
		return;
	for (i = 0; i < COUNT(keys); i++)
		cdbmap_find(map, keys[i], &data, &problem);
	cdbmap_each(map, write_down, &data, &problem);
	cdbmap_close(map);
	str_free(&data);
}

static void
damage_is_never_followed(void **state)
{
	struct str good = { 0 };
	size_t i;

	(void)state;
	make_cdb("good.cdb");
	assert_int_equal(fd_read_file("good.cdb", &good, 100000), 0);
	for (i = 0; i < good.len; i++) {
		char saved = good.at[i];

		good.at[i] = (char)(saved ^ 0xff);
		unit_write_file("bad.cdb", str_view(&good));
		look_up_all("bad.cdb");
		good.at[i] = saved;
		if (i % 16 == 0) {
			unit_write_file("bad.cdb", view_first(str_view(&good), i));
			look_up_all("bad.cdb");
		}
	}
	str_free(&good);
}

static void
an_offset_past_the_end_is_an_error(void **state)
{
	struct problem problem = { .what = NULL };
	struct cdbmap *map;
	char table[2048];

	(void)state;
	memset(table, 0xff, sizeof table);
	unit_write_file("bad.cdb", (struct view) { table, sizeof table });
	if (cdbmap_open("bad.cdb", &map, &problem) == ANSWER_YES) {
		assert_int_equal(
		    cdbmap_find(map, VIEW("a"), NULL, &problem), ANSWER_ERROR);
		cdbmap_close(map);
	}
	assert_string_equal(problem.where, "bad.cdb");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keys_are_found),
		cmocka_unit_test(each_record_is_taken),
		cmocka_unit_test(what_is_no_cdb),
		cmocka_unit_test(damage_is_never_followed),
		cmocka_unit_test(an_offset_past_the_end_is_an_error),
	};

	return cmocka_run_group_tests(tests, unit_enter_directory, NULL);
}
