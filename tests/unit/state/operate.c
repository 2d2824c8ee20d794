/* state/operate: dialogues of operations on one key, with the time of each. */
#include "unit/unit.h"

#include "state/operate.h"

#define A STATE_ABSENT
#define F STATE_FOUND
#define O STATE_OVER

/* One operation and what must come of it; left: seconds until the end, 0 when there is none. */
struct step {
	uint64_t at;
	struct state_op op;
	enum state_standing standing;
	uint64_t count, left;
	const char *value;
};

#define COUNT_(n, most, seconds)                                                   \
	{                                                                          \
		.verb = STATE_COUNT, .amount = n, .limit = most, .window = seconds \
	}
#define SLIDE(n, most, seconds)                                                          \
	{                                                                                \
		.verb = STATE_COUNT, .flags = STATE_SLIDING, .amount = n, .limit = most, \
		.window = seconds                                                        \
	}
#define SET(text, seconds)                                             \
	{                                                              \
		.verb = STATE_SET, .value = ROW(text), .keep = seconds \
	}
#define READ                       \
	{                          \
		.verb = STATE_READ \
	}
#define FORGET                       \
	{                            \
		.verb = STATE_FORGET \
	}
#define SEEN                                                                     \
	{                                                                        \
		.verb = STATE_SEEN, .window = 300, .keep = 3600, .amount = 86400 \
	}
#define SEEN_ANY                                                               \
	{                                                                      \
		.verb = STATE_SEEN, .window = 0, .keep = 3600, .amount = 86400 \
	}
#define HOLD(who, most, seconds)                                                  \
	{                                                                         \
		.verb = STATE_HOLD, .holder = who, .limit = most, .keep = seconds \
	}
#define DROP(who)                                 \
	{                                         \
		.verb = STATE_DROP, .holder = who \
	}

/* Failed logins: so many in the window, then over until the window's end; a good one forgets. */
static const struct step fixed[] = {
	{ 1000, COUNT_(0, 0, 60), A, 0, 0, NULL },
	{ 1000, COUNT_(1, 0, 60), F, 1, 60, NULL },
	{ 1010, COUNT_(1, 0, 60), F, 2, 50, NULL },
	{ 1020, COUNT_(0, 0, 60), F, 2, 40, NULL },
	{ 1020, READ, F, 2, 40, NULL },
	{ 1020, COUNT_(2, 3, 60), O, 2, 40, NULL },
	{ 1020, COUNT_(1, 3, 60), F, 3, 40, NULL },
	{ 1059, COUNT_(1, 3, 60), O, 3, 1, NULL },
	{ 1060, COUNT_(0, 0, 60), A, 0, 0, NULL },
	{ 1060, COUNT_(1, 3, 60), F, 1, 60, NULL },
	{ 1061, FORGET, F, 1, 59, NULL },
	{ 1061, FORGET, A, 0, 0, NULL },
	{ 1061, COUNT_(0, 0, 60), A, 0, 0, NULL },
};

static const struct step sliding[] = {
	{ 1000, SLIDE(10, 10, 100), F, 10, 200, NULL },
	{ 1099, SLIDE(1, 10, 100), O, 10, 101, NULL },
	{ 1110, SLIDE(0, 10, 100), F, 9, 90, NULL },
	{ 1110, SLIDE(2, 10, 100), O, 9, 90, NULL },
	{ 1110, SLIDE(1, 10, 100), F, 10, 190, NULL },
	{ 1150, SLIDE(5, 10, 100), O, 6, 150, NULL },
	{ 1150, SLIDE(4, 10, 100), F, 10, 150, NULL },
	{ 1301, SLIDE(0, 10, 100), A, 0, 0, NULL },
};

static const struct step edges[] = {
	{ 1000, COUNT_(UINT32_MAX, 0, 0), F, UINT32_MAX, 1, NULL },
	{ 1000, COUNT_(5, 0, 0), F, UINT32_MAX, 1, NULL },
	{ 1000, COUNT_(5, UINT32_MAX - 1, 1), O, UINT32_MAX, 1, NULL },
	{ 1001, COUNT_(1, 0, UINT32_MAX), F, 1, STATE_SECONDS_MAX, NULL },
	/* another window than the one it was begun with */
	{ 1101, COUNT_(1, 0, 100), F, 1, 100, NULL },
	/* the clock goes back, a little and a lot */
	{ 1000, COUNT_(1, 0, 100), F, 2, 201, NULL },
	{ 9000, COUNT_(1, 0, 100), F, 1, 100, NULL },
	{ 1000, COUNT_(1, 0, 100), F, 1, 100, NULL },
};

static const struct step values[] = {
	{ 1000, READ, A, 0, 0, NULL },
	{ 1000, SET("why", 50), F, 0, 50, NULL },
	{ 1049, READ, F, 0, 1, "why" },
	{ 1049, SET("", 50), F, 0, 50, NULL },
	{ 1050, READ, F, 0, 49, "" },
	{ 1099, READ, A, 0, 0, NULL },
	{ 1099, SET("now", 0), F, 0, 1, NULL },
	{ 1099, FORGET, F, 0, 1, "now" },
	{ 1099, READ, A, 0, 0, NULL },
};

static const struct step seen[] = {
	{ 1000, SEEN, A, 0, 3600, NULL },
	{ 1299, SEEN, O, 0, 3301, NULL },
	{ 1300, SEEN, F, 1, 86400, NULL },
	{ 1301, SEEN, F, 2, 86400, NULL },
	{ 87700, SEEN, F, 3, 86400, NULL },
	{ 174100, SEEN, A, 0, 3600, NULL }, /* kept too long ago */
	{ 177700, SEEN, A, 0, 3600, NULL }, /* came back too late */
	{ 177700, SEEN_ANY, F, 1, 86400, NULL },
};

static const struct step holders[] = {
	{ 1000, DROP(1), A, 0, 0, NULL },
	{ 1000, HOLD(1, 2, 100), F, 1, 100, NULL },
	{ 1000, HOLD(2, 2, 50), F, 2, 100, NULL },
	{ 1000, HOLD(3, 2, 50), O, 2, 100, NULL },
	{ 1000, HOLD(3, 0, 10), F, 3, 100, NULL }, /* 0 is no limit but the record's */
	{ 1000, HOLD(1, 2, 60), F, 3, 60, NULL },  /* who holds goes on */
	{ 1020, HOLD(4, 3, 40), F, 3, 40, NULL },  /* the third has ended */
	{ 1020, DROP(3), A, 3, 40, NULL },
	{ 1020, DROP(1), F, 2, 40, NULL },
	{ 1055, HOLD(5, 2, 5), F, 2, 5, NULL },
	{ 1055, DROP(4), F, 1, 5, NULL },
	{ 1055, DROP(5), F, 0, 5, NULL },
	{ 1055, READ, A, 0, 0, NULL },
};

static void
check(const struct step *s, const struct state_result *r, size_t i)
{
	uint64_t left = r->until > 0 ? r->until - r->now : 0;

	if (r->standing != s->standing || r->count != s->count || r->now != s->at ||
	    left != s->left ||
	    (s->value &&
		!view_equal(view_of(s->value), (struct view) { r->value, r->value_len })))
		fail_msg("step %zu: standing %u, count %llu, left %llu", i,
		    (unsigned)r->standing, (unsigned long long)r->count,
		    (unsigned long long)left);
}

#define BACK(n, seconds)                                                               \
	{                                                                              \
		.verb = STATE_COUNT, .flags = STATE_SLIDING | STATE_BACK, .amount = n, \
		.window = seconds                                                      \
	}

/* What was counted and not used. */
static const struct step back[] = {
	{ 1000, BACK(1, 100), A, 0, 0, NULL },
	{ 1000, SLIDE(3, 10, 100), F, 3, 200, NULL },
	{ 1010, BACK(1, 100), F, 2, 190, NULL }, { 1010, BACK(9, 100), F, 0, 190, NULL },
	{ 1010, SLIDE(10, 10, 100), F, 10, 190, NULL },
	{ 1100, BACK(5, 100), F, 10, 100, NULL }, /* of a window that is over: too late */
};

static void
run(const struct step *steps, size_t count)
{
	struct str kept = { 0 }, room = { 0 };
	size_t i;

	for (i = 0; i < count; i++) {
		struct record record = { 0 };
		struct state_result result;

		if (kept.len > 0)
			assert_true(record_parse(str_view(&kept), &record));
		switch (operate(&steps[i].op, steps[i].at, &record, &room, &result)) {
		case OPERATE_PUT: {
			struct str bytes = { 0 };

			record_pack(&bytes, &record);
			str_set(&kept, str_view(&bytes));
			str_free(&bytes);
			break;
		}
		case OPERATE_REMOVE:
			str_clear(&kept);
			break;
		case OPERATE_KEEP:
			break;
		}
		check(&steps[i], &result, i);
	}
	str_free(&kept);
	str_free(&room);
}

#define DIALOGUE(steps)                        \
	static void test_##steps(void **state) \
	{                                      \
		(void)state;                   \
		run(steps, COUNT(steps));      \
	}
DIALOGUE(fixed)
DIALOGUE(sliding)
DIALOGUE(edges)
DIALOGUE(values)
DIALOGUE(back)
DIALOGUE(seen)
DIALOGUE(holders)

static void
test_many_holders(void **state)
{
	struct state_op op = { .verb = STATE_HOLD, .limit = 100000, .keep = 60 };
	struct str kept = { 0 }, room = { 0 };
	struct record record = { 0 };
	struct state_result result;
	uint64_t i;

	(void)state;
	for (i = 0; i < STATE_HOLDERS_MAX; i++) {
		op.holder = i;
		assert_int_equal(
		    operate(&op, 1000, &record, &room, &result), OPERATE_PUT);
		assert_int_equal(result.count, i + 1);
		str_set(&kept, record.value);
		record.value = str_view(&kept);
	}
	assert_int_equal(record.value.len, RECORD_VALUE_MAX);
	op.holder = i;
	assert_int_equal(operate(&op, 1000, &record, &room, &result), OPERATE_KEEP);
	assert_int_equal(result.standing, STATE_OVER);
	op.holder = 5;
	assert_int_equal(operate(&op, 1000, &record, &room, &result), OPERATE_PUT);
	assert_int_equal(result.count, STATE_HOLDERS_MAX);
	str_free(&kept);
	str_free(&room);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fixed),
		cmocka_unit_test(test_sliding),
		cmocka_unit_test(test_edges),
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_back),
		cmocka_unit_test(test_seen),
		cmocka_unit_test(test_holders),
		cmocka_unit_test(test_many_holders),
	};

	return cmocka_run_group_tests_name("state/operate", tests, NULL, NULL);
}
