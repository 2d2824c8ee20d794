/* state/batch: many requests at once, more than the store has room for in one transaction; and a
 * store that is not there. */
#include "unit/unit.h"

#include "lib/fmt.h"
#include "lib/mem.h"
#include "state/batch.h"
#include "state/lmdb.h"
#include "wire/kinds.h"
#include "wire/stateop.h"

enum { JOBS = 300, MEGABYTE = 1 << 20 };

static const struct log silent = { .level = 0 };

struct asker {
	struct serve_job job;
	struct str packet;
};

static int
fresh(void **state)
{
	return unit_enter_directory(state) == 0 && mkdir("state", 0755) == 0 &&
		mkdir("state/db", 0700) == 0
	    ? 0
	    : -1;
}

/* A request of as many values as there may be. */
static void
fill(struct asker *a, uint32_t id)
{
	static const char value[STATE_VALUE_MAX];
	struct str key = { 0 };
	size_t i;

	frame_start(&a->packet, WIRE_STATE_DO, FRAME_OK, id, 0);
	for (i = 0; i < STATE_OPS_MAX; i++) {
		struct state_op op = {
			.verb = STATE_SET, .keep = 60, .value = { value, sizeof value }
		};

		str_clear(&key);
		fmt_u64(&key, id * STATE_OPS_MAX + i);
		op.key = str_view(&key);
		stateop_add(&a->packet, &op);
	}
	assert_true(frame_parse(str_view(&a->packet), &a->job.request));
	str_free(&key);
}

static void
run(enum frame_status expected)
{
	struct asker *askers = mem_alloc_zeroed(JOBS, sizeof *askers);
	struct serve_job *jobs[JOBS];
	struct store store;
	size_t i;

	lmdb_init(&store, MEGABYTE, &silent);
	for (i = 0; i < JOBS; i++) {
		fill(&askers[i], (uint32_t)i);
		jobs[i] = &askers[i].job;
	}
	batch_run(&store, jobs, JOBS, 1000);
	for (i = 0; i < JOBS; i++) {
		struct state_result results[STATE_OPS_MAX];
		struct frame answer;

		assert_true(frame_parse(str_view(&jobs[i]->answer), &answer));
		assert_int_equal(answer.status, expected);
		assert_int_equal(answer.id, i);
		assert_int_equal(stateop_results(&answer, results, STATE_OPS_MAX),
		    expected == FRAME_OK);
		str_free(&askers[i].packet);
		str_free(&jobs[i]->answer);
	}
	store.close(store.self);
	mem_free(askers);
}

static void
test_more_than_there_is_room_for(void **state)
{
	(void)state;
	run(FRAME_OK);
}

static void
ask(struct store *store, const struct state_op *ops, size_t count,
    struct state_result *results)
{
	struct asker a = { .job.answer = { 0 } };
	struct serve_job *job = &a.job;
	struct frame answer;
	size_t i;

	frame_start(&a.packet, WIRE_STATE_DO, FRAME_OK, 1, 0);
	for (i = 0; i < count; i++)
		stateop_add(&a.packet, &ops[i]);
	assert_true(frame_parse(str_view(&a.packet), &a.job.request));
	batch_run(store, &job, 1, 1000);
	assert_true(frame_parse(str_view(&a.job.answer), &answer));
	assert_true(stateop_results(&answer, results, count));
	str_free(&a.packet);
	str_free(&a.job.answer);
}

/* Of those that go together all are done or none; others are done all the same. */
static void
test_together(void **state)
{
	struct state_op ops[] = {
		{ .verb = STATE_COUNT,
		    .flags = STATE_TOGETHER,
		    .key = ROW("wide"),
		    .amount = 1,
		    .limit = 100,
		    .window = 60 },
		{ .verb = STATE_COUNT,
		    .flags = STATE_TOGETHER | STATE_SLIDING,
		    .key = ROW("narrow"),
		    .amount = 1,
		    .limit = 2,
		    .window = 60 },
		{ .verb = STATE_HOLD,
		    .flags = STATE_TOGETHER,
		    .key = ROW("held"),
		    .limit = 5,
		    .keep = 60 },
		{ .verb = STATE_COUNT, .key = ROW("alone"), .amount = 1, .window = 60 },
	};
	struct state_result results[COUNT(ops)];
	struct store store;
	uint64_t i;

	(void)state;
	lmdb_init(&store, MEGABYTE, &silent);
	for (i = 0; i < 4; i++) {
		ops[2].holder = i;
		ask(&store, ops, COUNT(ops), results);
		assert_int_equal(results[1].standing, i < 2 ? STATE_FOUND : STATE_OVER);
		assert_int_equal(results[3].count, i + 1);
	}
	ops[0].amount = ops[1].amount = 0;
	ops[2].flags = 0;
	ops[2].holder = 9;
	ask(&store, ops, COUNT(ops), results);
	assert_int_equal(results[0].count, 2);
	assert_int_equal(results[1].count, 2);
	assert_int_equal(results[2].count, 3);
	store.close(store.self);
}

static void
test_no_store(void **state)
{
	(void)state;
	assert_int_equal(rmdir("state/db"), 0);
	run(FRAME_LATER);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_more_than_there_is_room_for, fresh),
		cmocka_unit_test_setup(test_together, fresh),
		cmocka_unit_test_setup(test_no_store, fresh),
	};

	return cmocka_run_group_tests_name("state/batch", tests, NULL, NULL);
}
