/* state/lmdb: records over a directory of one's own: kept, swept, evicted; a store that is damaged,
 * of another format, shared, too large or not there. */
#include "unit/unit.h"

#include <lmdb.h>
#include <sys/wait.h>

#include "lib/fmt.h"
#include "state/lmdb.h"
#include "state/place.h"

enum { MEGABYTE = 1 << 20, VALUE = 100 };

static const struct log silent = { .level = 0 };

static int
fresh(void **state)
{
	if (unit_enter_directory(state) < 0)
		return -1;
	return mkdir("state", 0755) == 0 && mkdir("state/db", 0700) == 0 ? 0 : -1;
}

static struct store
opened(uint64_t octets)
{
	struct store store;

	lmdb_init(&store, octets, &silent);
	return store;
}

static void
make_key(struct str *key, unsigned space, uint64_t n)
{
	str_clear(key);
	str_append_byte(key, (char)space);
	fmt_u64_padded(key, n, 8);
}

static enum store_outcome
put(struct store *s, unsigned space, uint64_t n, uint64_t until)
{
	static const char value[VALUE];
	struct record record = { .first = n,
		.last = n,
		.until = until,
		.count = 1,
		.value = { value, sizeof value } };
	struct str key = { 0 };
	enum store_outcome outcome;

	make_key(&key, space, n);
	outcome = s->put(s->self, str_view(&key), &record);
	str_free(&key);
	return outcome;
}

static enum store_outcome
get(struct store *s, unsigned space, uint64_t n, struct record *out)
{
	struct str key = { 0 };
	enum store_outcome outcome;

	make_key(&key, space, n);
	outcome = s->get(s->self, str_view(&key), out);
	str_free(&key);
	return outcome;
}

static bool
has(struct store *s, unsigned space, uint64_t n)
{
	struct record record;
	enum store_outcome outcome;

	assert_int_equal(s->begin(s->self, 1), STORE_OK);
	outcome = get(s, space, n, &record);
	s->undo(s->self);
	assert_true(outcome == STORE_OK || outcome == STORE_NONE);
	return outcome == STORE_OK;
}

/* `count` records in one transaction. */
static enum store_outcome
put_many(struct store *s, uint64_t now, unsigned space, uint64_t from, uint64_t count,
    uint64_t until)
{
	enum store_outcome outcome = s->begin(s->self, now);
	uint64_t i;

	for (i = 0; outcome == STORE_OK && i < count; i++)
		outcome = put(s, space, from + i, until);
	if (outcome == STORE_OK)
		return s->commit(s->self);
	s->undo(s->self);
	return outcome;
}

static void
test_kept(void **state)
{
	struct store s = opened(MEGABYTE);
	struct record record;
	struct str key = { 0 };

	(void)state;
	assert_int_equal(put_many(&s, 1, 5, 1, 2, 1000), STORE_OK);
	s.close(s.self);
	s = opened(MEGABYTE);
	assert_int_equal(s.begin(s.self, 1), STORE_OK);
	assert_int_equal(get(&s, 5, 2, &record), STORE_OK);
	assert_true(record.first == 2 && record.until == 1000 && record.count == 1);
	assert_int_equal(record.value.len, VALUE);
	assert_int_equal(get(&s, 4, 2, &record), STORE_NONE);
	assert_int_equal(put(&s, 5, 3, 1000), STORE_OK);
	make_key(&key, 5, 1);
	assert_int_equal(s.remove(s.self, str_view(&key)), STORE_OK);
	assert_int_equal(s.remove(s.self, str_view(&key)), STORE_OK);
	s.undo(s.self);
	assert_true(has(&s, 5, 1) && has(&s, 5, 2) && !has(&s, 5, 3));
	assert_int_equal(s.begin(s.self, 1), STORE_OK);
	assert_int_equal(s.remove(s.self, str_view(&key)), STORE_OK);
	assert_int_equal(s.commit(s.self), STORE_OK);
	assert_true(!has(&s, 5, 1) && has(&s, 5, 2));
	str_free(&key);
	s.close(s.self);
}

/* What is over goes little by little, but faster than new records come. */
static void
test_swept(void **state)
{
	struct store s = opened(MEGABYTE);
	uint64_t i;

	(void)state;
	assert_int_equal(put_many(&s, 1, 1, 0, 40, 10), STORE_OK);
	assert_int_equal(put_many(&s, 1, 2, 0, 40, 10), STORE_OK);
	assert_int_equal(put_many(&s, 1, 2, 100, 1, 99), STORE_OK);
	assert_int_equal(put_many(&s, 10, 3, 0, 1, 99), STORE_OK);
	assert_true(!has(&s, 1, 0) && has(&s, 1, 39) && !has(&s, 2, 0) && has(&s, 2, 39));
	for (i = 1; i < 5; i++)
		assert_int_equal(put_many(&s, 10, 3, i, 1, 99), STORE_OK);
	assert_true(!has(&s, 1, 39) && !has(&s, 2, 39) && has(&s, 2, 100));
	for (i = 0; i < 5; i++)
		assert_true(has(&s, 3, i));
	s.close(s.self);
}

/* A record that is put again is listed once, by its new end. */
static void
test_longer(void **state)
{
	struct store s = opened(MEGABYTE);

	(void)state;
	assert_int_equal(put_many(&s, 1, 1, 7, 1, 10), STORE_OK);
	assert_int_equal(put_many(&s, 1, 1, 7, 1, 50), STORE_OK);
	assert_int_equal(put_many(&s, 20, 2, 0, 1, 99), STORE_OK);
	assert_true(has(&s, 1, 7));
	assert_int_equal(put_many(&s, 50, 2, 0, 1, 99), STORE_OK);
	assert_false(has(&s, 1, 7));
	s.close(s.self);
}

static void
test_flood(void **state)
{
	struct store s = opened(MEGABYTE);
	uint64_t i, last = 20000;

	(void)state;
	assert_int_equal(put_many(&s, 1, 9, 0, 10, 2), STORE_OK);
	assert_int_equal(put_many(&s, 1, 8, 0, 10, UINT64_MAX), STORE_OK);
	for (i = 0; i < last; i += 50)
		assert_int_equal(put_many(&s, 1, 7, i, 50, 100 + i), STORE_OK);
	assert_true(place_size() <= 2 * MEGABYTE);
	for (i = 0; i < 10; i++)
		assert_true(has(&s, 9, i) && has(&s, 8, i));
	assert_true(!has(&s, 7, 0) && has(&s, 7, last - 1));
	s.close(s.self);
}

/* Too much at once is undone; then there is room for what is less. */
static void
test_too_much_at_once(void **state)
{
	struct store s = opened(MEGABYTE);
	uint64_t i;

	(void)state;
	for (i = 0; i < 8000; i += 50)
		assert_int_equal(put_many(&s, 1, 7, i, 50, 100), STORE_OK);
	assert_int_equal(put_many(&s, 1, 6, 0, 20000, 100), STORE_FULL);
	assert_false(has(&s, 6, 0));
	assert_int_equal(put_many(&s, 1, 6, 0, 10, 100), STORE_OK);
	assert_true(has(&s, 6, 9));
	s.close(s.self);
}

static void
test_smaller_than_it_was(void **state)
{
	struct store s = opened(8 * MEGABYTE);
	uint64_t i;

	(void)state;
	for (i = 0; i < 20000; i += 200)
		assert_int_equal(put_many(&s, 1, 7, i, 200, 100 + i), STORE_OK);
	s.close(s.self);
	assert_true(place_size() > 3 * MEGABYTE);
	s = opened(MEGABYTE);
	assert_true(has(&s, 7, 0) && has(&s, 7, 19999));
	for (i = 20000; i < 20400; i += 4)
		assert_int_equal(put_many(&s, 1, 7, i, 4, 100 + i), STORE_OK);
	assert_true(!has(&s, 7, 0) && has(&s, 7, 20399));
	s.close(s.self);
}

static void
test_two_at_once(void **state)
{
	struct store s = opened(MEGABYTE);
	pid_t child;
	int status;

	(void)state;
	child = fork();
	if (child == 0) {
		struct store mine = opened(4 * MEGABYTE);
		uint64_t i;

		for (i = 0; i < 10000; i += 100)
			if (put_many(&mine, 1, 1, i, 100, 100) != STORE_OK)
				_exit(1);
		mine.close(mine.self);
		_exit(has(&s, 1, 9999) ? 0 : 2);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	/* Ours had a smaller map than what the other has made of the store. */
	assert_true(has(&s, 1, 0) && has(&s, 1, 9999));
	assert_int_equal(put_many(&s, 1, 2, 0, 1, 100), STORE_OK);
	s.close(s.self);
}

static void
test_replaced_meanwhile(void **state)
{
	struct store s = opened(MEGABYTE), other = opened(MEGABYTE);

	(void)state;
	assert_int_equal(put_many(&s, 1, 1, 1, 1, 100), STORE_OK);
	place_mark();
	assert_int_equal(place_set_aside(), 0);
	assert_false(place_is_marked());
	assert_int_equal(access(PLACE_ASIDE, F_OK), 0);
	assert_false(has(&s, 1, 1));
	assert_int_equal(put_many(&s, 1, 1, 2, 1, 100), STORE_OK);
	s.close(s.self);
	assert_true(has(&other, 1, 2));
	/* a mark that somebody left */
	other.close(other.self);
	place_mark();
	other = opened(MEGABYTE);
	assert_false(has(&other, 1, 2));
	assert_false(place_is_marked());
	other.close(other.self);
}

static void
test_damaged(void **state)
{
	static const struct {
		const char *name;
		struct view bytes;
		bool aside; /* an empty file is no store, and nothing to keep */
	} cases[] = {
		{ "empty", ROW(""), false },
		{ "short", ROW("x"), true },
		{ "text", ROW("this is no store\n"), true },
	};
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(cases); i++) {
		struct store s = opened(MEGABYTE);

		unit_write_file(PLACE_DATA, cases[i].bytes);
		assert_false(has(&s, 1, 1));
		assert_int_equal(put_many(&s, 1, 1, 1, 1, 100), STORE_OK);
		assert_true(has(&s, 1, 1));
		s.close(s.self);
		if ((unlink(PLACE_ASIDE) == 0) != cases[i].aside)
			fail_msg("%s", cases[i].name);
		unlink(PLACE_DATA);
		unlink(PLACE_LOCK);
	}
}

static void
test_damaged_lock(void **state)
{
	struct store s = opened(MEGABYTE);

	(void)state;
	assert_int_equal(put_many(&s, 1, 1, 1, 1, 100), STORE_OK);
	s.close(s.self);
	unit_write_file(PLACE_LOCK, VIEW("no lock"));
	s = opened(MEGABYTE);
	assert_int_equal(put_many(&s, 1, 1, 2, 1, 100), STORE_OK);
	s.close(s.self);
}

/* A table that another release, or something else, wrote. */
static void
write_fact(const char *table, struct view name, struct view value)
{
	MDB_val key = { name.len, (void *)(uintptr_t)name.at },
		data = { value.len, (void *)(uintptr_t)value.at };
	MDB_env *env;
	MDB_txn *txn;
	MDB_dbi dbi;

	assert_int_equal(mdb_env_create(&env), 0);
	assert_int_equal(mdb_env_set_maxdbs(env, 3), 0);
	assert_int_equal(mdb_env_open(env, PLACE_DIRECTORY, 0, 0600), 0);
	assert_int_equal(mdb_txn_begin(env, NULL, 0, &txn), 0);
	assert_int_equal(mdb_dbi_open(txn, table, MDB_CREATE, &dbi), 0);
	assert_int_equal(mdb_put(txn, dbi, &key, &data, 0), 0);
	assert_int_equal(mdb_txn_commit(txn), 0);
	mdb_env_close(env);
}

static void
test_other_formats(void **state)
{
	static const struct {
		const char *table;
		struct view name, value;
	} cases[] = {
		{ "facts", ROW("format"), ROW("\0\0\0\2") },
		{ "facts", ROW("format"), ROW("x") },
		{ "records", ROW("k"), ROW("of a release without a format") },
		{ "records",
		    ROW("\1"
			"00000001"),
		    ROW("no record") },
	};
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(cases); i++) {
		struct store s = opened(MEGABYTE);

		write_fact(cases[i].table, cases[i].name, cases[i].value);
		assert_int_equal(s.begin(s.self, 1), STORE_OK);
		s.undo(s.self);
		assert_int_equal(put_many(&s, 1, 1, 1, 1, 100), STORE_OK);
		assert_true(has(&s, 1, 1));
		s.close(s.self);
		assert_int_equal(unlink(PLACE_ASIDE), 0);
		unlink(PLACE_DATA);
		unlink(PLACE_LOCK);
	}
}

/* Found only when it is read: undone, and the next time it is a new store. */
static void
test_damage_inside(void **state)
{
	struct store s = opened(MEGABYTE);
	struct record record;

	(void)state;
	assert_int_equal(put_many(&s, 1, 1, 1, 1, 100), STORE_OK);
	s.close(s.self);
	write_fact("records",
	    BYTES("\1"
		  "00000001"),
	    VIEW("no record"));
	s = opened(MEGABYTE);
	assert_int_equal(s.begin(s.self, 1), STORE_OK);
	assert_int_equal(get(&s, 1, 1, &record), STORE_AGAIN);
	s.undo(s.self);
	assert_int_equal(s.begin(s.self, 1), STORE_OK);
	assert_int_equal(get(&s, 1, 1, &record), STORE_NONE);
	s.undo(s.self);
	assert_int_equal(access(PLACE_ASIDE, F_OK), 0);
	s.close(s.self);
}

static void
test_not_there(void **state)
{
	struct store s = opened(MEGABYTE);

	(void)state;
	assert_int_equal(rmdir("state/db"), 0);
	assert_int_equal(s.begin(s.self, 1), STORE_LOST);
	assert_int_equal(mkdir("state/db", 0700), 0);
	assert_int_equal(put_many(&s, 1, 1, 1, 1, 100), STORE_OK);
	s.close(s.self);
}

static void
test_sizes(void **state)
{
	static const uint64_t sizes[] = { 0, 1, 1000000, UINT64_MAX };
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(sizes); i++) {
		struct store s = opened(sizes[i]);

		assert_int_equal(put_many(&s, 1, 1, i, 1, 100), STORE_OK);
		assert_true(has(&s, 1, 0));
		s.close(s.self);
	}
}

#define TEST(function) cmocka_unit_test_setup(function, fresh)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_kept),
		TEST(test_swept),
		TEST(test_longer),
		TEST(test_flood),
		TEST(test_too_much_at_once),
		TEST(test_smaller_than_it_was),
		TEST(test_two_at_once),
		TEST(test_replaced_meanwhile),
		TEST(test_damaged),
		TEST(test_damaged_lock),
		TEST(test_other_formats),
		TEST(test_damage_inside),
		TEST(test_not_there),
		TEST(test_sizes),
	};

	return cmocka_run_group_tests_name("state/lmdb", tests, NULL, NULL);
}
