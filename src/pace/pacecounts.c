#include "pace/pacecounts.h"

#include "lib/pack.h"

enum {
	HOLD_KEEP =
	    600, /* seconds, of a connection whose holder was killed; each delivery begins it anew */
};

const struct pace_named_window pacecounts_windows[PACE_WINDOWS] = { { "persecond", 1 },
	{ "perminute", 60 }, { "perhour", 3600 }, { "perday", 86400 } };

static struct pace_counted *
add_counted(
    struct pace_counts *c, const struct pacerules *rules, size_t subject, size_t window)
{
	struct pace_counted *one = &c->at[c->count++];

	*one = (struct pace_counted) { .subject = subject, .window = window };
	if (window < PACE_WINDOWS)
		pack_add(&one->key, pacecounts_windows[window].seconds, 4);
	str_append(&one->key, str_view(&rules->at[subject].name));
	return one;
}

void
pacecounts_add_rates(const struct pacerules *rules, uint32_t parts, struct pace_counts *c)
{
	size_t i, w;

	for (i = 0; i < rules->count; i++)
		for (w = 0; w < PACE_WINDOWS; w++) {
			uint32_t limit = rules->at[i].rule.rate[w];
			struct pace_counted *one;

			if (limit == 0)
				continue;
			one = add_counted(c, rules, i, w);
			one->full = limit;
			one->limit = pacemath_limit(
			    (struct pace_limit) { limit, pacecounts_windows[w].seconds },
			    i == 0 ? parts : PACE_FULL);
		}
}

uint32_t
pacecounts_connections(const struct pacerule *rule, uint32_t parts)
{
	uint32_t left = rule->concurrency * parts / PACE_FULL;

	return rule->concurrency > 0 && left == 0 ? 1 : left;
}

void
pacecounts_add_connections(
    const struct pacerules *rules, uint32_t parts, struct pace_counts *c)
{
	size_t i;

	for (i = 0; i < rules->count; i++) {
		const struct pacerule *rule = &rules->at[i].rule;
		struct pace_counted *one;

		if (rule->concurrency == 0)
			continue;
		one = add_counted(c, rules, i, PACE_WINDOWS);
		one->full = rule->concurrency;
		one->limit.limit =
		    pacecounts_connections(rule, i == 0 ? parts : PACE_FULL);
	}
}

void
pacecounts_free(struct pace_counts *c)
{
	size_t i;

	for (i = 0; i < c->count; i++)
		str_free(&c->at[i].key);
}

uint32_t
pacecounts_amount(const struct pace_counted *one, uint32_t amount)
{
	return amount < one->limit.limit ? amount : one->limit.limit;
}

void
pacecounts_op(
    const struct pace_counted *one, uint32_t amount, uint64_t holder, struct state_op *op)
{
	*op = (struct state_op) { .flags = STATE_TOGETHER,
		.key = str_view(&one->key),
		.limit = one->limit.limit };
	if (one->window == PACE_WINDOWS) {
		op->verb = STATE_HOLD;
		op->space = STATE_PACE_HELD;
		op->holder = holder;
		op->keep = HOLD_KEEP;
	} else {
		op->verb = STATE_COUNT;
		op->space = STATE_PACE_RATE;
		op->flags |= STATE_SLIDING;
		op->amount = pacecounts_amount(one, amount);
		op->window = one->limit.window;
	}
}
