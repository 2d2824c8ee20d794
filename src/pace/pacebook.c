#include "pace/pacebook.h"

#include <string.h>

#include "lib/fmt.h"
#include "lib/pack.h"
#include "pace/pacecounts.h"
#include "pace/pacemath.h"

enum {
	PATIENCE = 5,  /* seconds for an answer */
	SIT_KEEP = 60, /* likewise of a delivery that waits */
	ECHO = 5,      /* slow-downs so soon after one are about the same burst */
	BUSY_LINE =
	    30, /* seconds in which those who wait for a connection are one line */
	LINE_PER_SECOND = 5, /* that a reopened route is tried with, if it has no rate */
};

/* The key of the deliveries that sit; no route has such a name. */
static const char SEATS[] = "@";

/* --- asking --------------------------------------------------------------------------------------- */

static bool
ask(struct pacebook *book, const struct state_op *ops, size_t count,
    struct state_result *out)
{
	if (book->is_lost)
		return false;
	if (!book->is_open)
		state_init(&book->state);
	book->is_open = true;
	if (state_ask(&book->state, ops, count, deadline_in(PATIENCE), out) == 0)
		return true;
	state_close(&book->state);
	book->is_open = false;
	book->is_lost = true;
	return false;
}

void
pacebook_free(struct pacebook *book)
{
	if (book->is_open)
		state_close(&book->state);
	*book = (struct pacebook) { .is_open = false };
}

/* --- a route's standing --------------------------------------------------------------------------- */

static void
take_standing(const struct state_result results[2], struct pace_standing *out)
{
	const struct state_result *closed = &results[0], *slow = &results[1];

	*out = (struct pace_standing) { .now = closed->now, .parts = PACE_FULL };
	if (closed->standing == STATE_FOUND) {
		out->closed_until = closed->until;
		memcpy(out->why, closed->value, closed->value_len);
	}
	if (slow->standing == STATE_FOUND)
		out->parts = pacemath_recovered((uint32_t)slow->count,
		    slow->now > slow->last ? slow->now - slow->last : 0);
}

static bool
read_standing(struct pacebook *book, struct view name, struct state_result results[2])
{
	const struct state_op ops[] = {
		{ .verb = STATE_READ, .space = STATE_PACE_CLOSED, .key = name },
		{ .verb = STATE_READ, .space = STATE_PACE_SLOW, .key = name },
	};

	return ask(book, ops, sizeof ops / sizeof *ops, results);
}

bool
pacebook_look(struct pacebook *book, struct view name, struct pace_standing *out)
{
	struct state_result results[2];

	if (!read_standing(book, name, results))
		return false;
	take_standing(results, out);
	return true;
}

/* --- refusals ------------------------------------------------------------------------------------- */

/* "perminute 30 of 60 reached" */
static void
append_reached(struct str *out, const struct pace_counted *one)
{
	str_append_text(out,
	    one->window < PACE_WINDOWS ? pacecounts_windows[one->window].name
				       : "concurrency");
	str_append_byte(out, ' ');
	fmt_u64(out, one->limit.limit);
	if (one->limit.limit < one->full) {
		str_append_text(out, " of ");
		fmt_u64(out, one->full);
	}
	if (one->window < PACE_WINDOWS &&
	    one->limit.window > pacecounts_windows[one->window].seconds) {
		str_append_text(out, " in ");
		fmt_u64(out, one->limit.window);
		str_append_text(out, " s");
	}
	str_append_text(out, " reached");
}

/* Keep the one that waits longest. */
static void
note_refusal(struct pace_refusal *out, const struct pace_counted *one,
    struct pace_opening opening, uint64_t now)
{
	if (out->why.len > 0 && out->opens >= now + opening.wait)
		return;
	out->subject = one->subject;
	out->now = now;
	out->opens = now + opening.wait;
	out->begins = opening.begins;
	out->limit = one->limit.limit;
	out->window = one->limit.window;
	str_clear(&out->why);
	append_reached(&out->why, one);
}

/* Connections end when they end; as a guess, each has room once a second. */
static void
note_busy(struct pace_refusal *out, const struct pace_counted *one, uint64_t now)
{
	struct pace_counted busy = *one;
	struct pace_opening opening = { 1, now / BUSY_LINE * BUSY_LINE };

	busy.limit.window = 1;
	note_refusal(out, &busy, opening, now);
}

/* Read the windows that are full as they are, to know when each has room. */
static bool
find_openings(struct pacebook *book, const struct pace_counts *c, uint32_t amount,
    struct pace_refusal *out)
{
	struct state_op ops[PACE_COUNTS];
	struct state_result read[PACE_COUNTS];
	size_t over[PACE_COUNTS], count = 0, i;

	for (i = 0; i < c->count; i++) {
		if (c->results[i].standing != STATE_OVER)
			continue;
		if (c->at[i].window == PACE_WINDOWS) {
			note_busy(out, &c->at[i], c->results[i].now);
			continue;
		}
		over[count] = i;
		ops[count++] = (struct state_op) { .verb = STATE_READ,
			.space = STATE_PACE_RATE,
			.key = str_view(&c->at[i].key) };
	}
	if (count > 0 && !ask(book, ops, count, read))
		return false;
	for (i = 0; i < count; i++) {
		const struct pace_counted *one = &c->at[over[i]];
		struct pace_window_state w = { read[i].now, read[i].first, read[i].count,
			c->results[over[i]].count };

		note_refusal(out, one,
		    pacemath_opening(one->limit, pacecounts_amount(one, amount), &w),
		    w.now);
	}
	return true;
}

static enum pace_verdict
refuse_closed(const struct pacerules *rules, const struct pace_standing *standing,
    struct pace_refusal *out)
{
	const struct pacerule *rule = &rules->at[0].rule;
	size_t w = 0;

	while (w < PACE_WINDOWS && rule->rate[w] == 0)
		w++;
	out->subject = 0;
	out->now = standing->now;
	out->opens = out->begins = standing->closed_until;
	out->limit = w < PACE_WINDOWS ? rule->rate[w] : LINE_PER_SECOND;
	out->window = w < PACE_WINDOWS ? pacecounts_windows[w].seconds : 1;
	str_clear(&out->why);
	str_append_text(&out->why, standing->why);
	return PACE_WAIT;
}

static bool
is_any_over(const struct pace_counts *c)
{
	size_t i = 0;

	while (i < c->count && c->results[i].standing != STATE_OVER)
		i++;
	return i < c->count;
}

enum pace_verdict
pacebook_enter(struct pacebook *book, const struct pacerules *rules, uint32_t amount,
    uint64_t holder, struct pace_refusal *out)
{
	struct pace_counts c = { .count = 0 };
	struct pace_standing standing;
	enum pace_verdict verdict = PACE_GO;
	size_t i;

	if (!pacebook_look(book, str_view(&rules->at[0].name), &standing))
		return PACE_UNKNOWN;
	if (standing.closed_until > 0)
		return refuse_closed(rules, &standing, out);
	pacecounts_add_rates(rules, standing.parts, &c);
	pacecounts_add_connections(rules, standing.parts, &c);
	for (i = 0; i < c.count; i++)
		pacecounts_op(&c.at[i], amount, holder, &c.ops[i]);
	str_clear(&out->why);
	if (c.count > 0 && !ask(book, c.ops, c.count, c.results))
		verdict = PACE_UNKNOWN;
	else if (is_any_over(&c))
		verdict = find_openings(book, &c, amount, out) ? PACE_WAIT : PACE_UNKNOWN;
	pacecounts_free(&c);
	return verdict;
}

uint64_t
pacebook_line_up(struct pacebook *book, const struct pacerules *rules, uint32_t amount,
    const struct pace_refusal *r)
{
	struct pace_limit l = { r->limit, r->window };
	struct pace_opening opening = { (uint32_t)(r->opens - r->now), r->begins };
	struct str key = { 0 };
	struct state_result result;
	struct state_op op = { .verb = STATE_COUNT,
		.space = STATE_PACE_PUT_OFF,
		.amount = amount,
		.window = 2 * r->window + opening.wait + BUSY_LINE };
	uint64_t at = r->opens;

	pack_add(&key, r->begins, 8);
	pack_add(&key, r->window, 4);
	str_append(&key, str_view(&rules->at[r->subject].name));
	op.key = str_view(&key);
	if (ask(book, &op, 1, &result))
		at = r->now +
		    pacemath_wait_in_line(l, opening, result.count - amount, r->now);
	str_free(&key);
	return at;
}

/* --- taking back ---------------------------------------------------------------------------------- */

void
pacebook_give_back(struct pacebook *book, const struct pacerules *rules, uint32_t amount)
{
	struct pace_counts c = { .count = 0 };
	size_t i;

	pacecounts_add_rates(rules, PACE_FULL, &c);
	for (i = 0; i < c.count; i++) {
		pacecounts_op(&c.at[i], amount, 0, &c.ops[i]);
		c.ops[i].flags = STATE_SLIDING | STATE_BACK;
	}
	if (c.count > 0)
		ask(book, c.ops, c.count, c.results);
	pacecounts_free(&c);
}

void
pacebook_leave(struct pacebook *book, struct view name, uint64_t holder)
{
	struct state_op op = { .verb = STATE_DROP,
		.space = STATE_PACE_HELD,
		.key = name,
		.holder = holder };
	struct state_result result;

	ask(book, &op, 1, &result);
}

/* --- waiting -------------------------------------------------------------------------------------- */

bool
pacebook_sit(struct pacebook *book, uint64_t holder, uint32_t most)
{
	struct state_op op = { .verb = STATE_HOLD,
		.space = STATE_PACE_HELD,
		.key = view_of(SEATS),
		.holder = holder,
		.limit = most,
		.keep = SIT_KEEP };
	struct state_result result;

	return ask(book, &op, 1, &result) && result.standing == STATE_FOUND;
}

void
pacebook_rise(struct pacebook *book, uint64_t holder)
{
	pacebook_leave(book, view_of(SEATS), holder);
}

/* --- slow-downs ----------------------------------------------------------------------------------- */

static bool
set(struct pacebook *book, const struct state_op *given, struct state_result *result)
{
	struct state_op op = *given;

	op.verb = STATE_SET;
	return ask(book, &op, 1, result);
}

uint64_t
pacebook_close(struct pacebook *book, struct view name, uint32_t seconds, struct view why)
{
	struct state_op closed = {
		.space = STATE_PACE_CLOSED, .key = name, .keep = seconds, .value = why
	};
	struct pace_standing standing;
	struct state_result result;

	if (!pacebook_look(book, name, &standing))
		return 0;
	if (standing.closed_until > standing.now + seconds)
		return standing.closed_until;
	return set(book, &closed, &result) ? result.until : 0;
}

uint64_t
pacebook_slow(struct pacebook *book, struct view name, uint32_t pause, struct view why)
{
	struct state_op slow = { .space = STATE_PACE_SLOW, .key = name, .value = why };
	struct state_result results[2], result;
	struct pace_standing standing;

	if (!read_standing(book, name, results))
		return 0;
	take_standing(results, &standing);
	if (results[1].standing == STATE_FOUND &&
	    results[1].now < results[1].last + ECHO && standing.closed_until > 0)
		return standing.closed_until;
	slow.amount = pacemath_halved(standing.parts);
	slow.keep = pacemath_recovery(slow.amount);
	if (!set(book, &slow, &result))
		return 0;
	return pacebook_close(book, name, pacemath_closure(slow.amount, pause), why);
}
