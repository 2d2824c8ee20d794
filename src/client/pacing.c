#include "client/pacing.h"

#include <sys/stat.h>

#include "config/control.h"
#include "lib/fd.h"
#include "os/os.h"
#include "pace/pacemath.h"
#include "wire/waittext.h"

enum {
	WAIT_MS = 30000,  /* that a delivery waits without an end (row 16) */
	WAIT_SHARE = 4,   /* one in so many deliveries at a time, at most (row 16) */
	CONCURRENCY = 20, /* control/concurrencyremote, if it is absent */
	SPREAD_MS = 1000, /* so that not all who wait come at the same moment */
	CODE_MIN = 400,
	CLASS_PERMANENT = 5,
};

void
pacing_init(struct pacing *p)
{
	*p = (struct pacing) { .is_on = false };
	os_random(&p->holder, sizeof p->holder);
}

/* --- the plan ------------------------------------------------------------------------------------- */

/* A home of an earlier release has none, and then a helper that cannot answer is not even asked. */
static bool
has_store(void)
{
	struct stat st;

	return stat("state/db", &st) == 0;
}

static struct pace_question
question_of(const struct task *task)
{
	return (struct pace_question) {
		.route = str_view(&task->route.name),
		.relay = str_view(&task->route.relay),
		.port = task->route.value.port,
		.host = task->host,
	};
}

static void
forget_delivery(struct pacing *p)
{
	pacerules_free(&p->rules);
	pacebook_free(&p->book);
	p->is_on = p->mail_sent = p->is_later = false;
	p->counted = 0;
	p->action = SLOWDOWN_PASS;
}

bool
pacing_plan(struct pacing *p, const struct task *task, struct report *report)
{
	struct pace_question question = question_of(task);
	struct problem problem = { 0 };

	forget_delivery(p);
	switch (pacerules_read(&question, &p->rules, &problem)) {
	case ANSWER_ERROR:
		report_controls(report, &problem);
		return false;
	case ANSWER_YES:
		p->is_on = has_store();
		break;
	case ANSWER_NO:
		break;
	}
	return true;
}

uint32_t
pacing_connections(struct pacing *p)
{
	struct pace_standing standing = { .parts = PACE_FULL };
	const struct pace_subject *route = &p->rules.at[0];

	if (!p->is_on || route->rule.concurrency == 0)
		return 0;
	pacebook_look(&p->book, str_view(&route->name), &standing);
	return pacecounts_connections(&route->rule, standing.parts);
}

/* --- leave ---------------------------------------------------------------------------------------- */

static uint32_t
recipients_of(const struct task *task)
{
	uint32_t count = 0;
	size_t i;

	for (i = 0; i < task->recipient_count; i++)
		count += !task->recipients[i].forbidden;
	return count;
}

/* Our connection, if there is one, is no longer of other routes than the rules'. */
static void
leave_others(struct pacing *p)
{
	size_t i;

	for (i = 0; i < PACE_SUBJECTS; i++) {
		struct view name = str_view(&p->rules.at[i].name);

		if (p->held[i].len > 0 && !view_equal(str_view(&p->held[i]), name))
			pacebook_leave(&p->book, str_view(&p->held[i]), p->holder);
		str_set(
		    &p->held[i], p->rules.at[i].rule.concurrency > 0 ? name : VIEW(""));
	}
}

static uint32_t
random_ms(void)
{
	uint32_t random;

	os_random(&random, sizeof random);
	return random % SPREAD_MS;
}

/* At most so many may sit here instead of others who could go. */
static uint32_t
most_waiting(void)
{
	uint64_t concurrency = CONCURRENCY;

	control_number("control/concurrencyremote", &concurrency, NULL);
	if (concurrency < WAIT_SHARE)
		return 1;
	return concurrency / WAIT_SHARE < STATE_HOLDERS_MAX
	    ? (uint32_t)(concurrency / WAIT_SHARE)
	    : STATE_HOLDERS_MAX;
}

/* Sit until the refusal is over.  False: that is too far away, or too many sit already. */
static bool
wait_here(struct pacing *p, const struct pace_refusal *refusal, struct deadline end)
{
	int64_t ms = (int64_t)(refusal->opens - refusal->now) * 1000 + random_ms();

	if (ms > deadline_left_ms(end) ||
	    !pacebook_sit(&p->book, p->holder, most_waiting()))
		return false;
	fd_wait_readable(-1, deadline_in_ms(ms));
	return true;
}

static void
report_wait(struct pacing *p, const struct pace_refusal *refusal, uint64_t until,
    struct report *report)
{
	const struct pace_subject *subject = &p->rules.at[refusal->subject];
	struct str line = { 0 };

	waittext_append(
	    &line, str_view(&subject->name), (int64_t)until, str_view(&refusal->why));
	report_begin(report, REPORT_LATER);
	report_add_view(report, view_first(str_view(&line), line.len - 1));
	report_end(report, NULL);
	str_free(&line);
}

bool
pacing_admit(struct pacing *p, const struct task *task, struct report *report)
{
	struct deadline end = deadline_sooner(deadline_in_ms(WAIT_MS), task->end);
	struct pace_refusal refusal = { .subject = 0 };
	uint32_t amount = recipients_of(task);
	enum pace_verdict verdict = PACE_GO;
	bool has_sat = false;

	if (!p->is_on)
		return true;
	while ((verdict = pacebook_enter(
		    &p->book, &p->rules, amount, p->holder, &refusal)) == PACE_WAIT &&
	    wait_here(p, &refusal, end))
		has_sat = true;
	if (has_sat)
		pacebook_rise(&p->book, p->holder);
	if (verdict == PACE_WAIT)
		report_wait(p, &refusal,
		    pacebook_line_up(&p->book, &p->rules, amount, &refusal), report);
	else if (verdict == PACE_GO) {
		leave_others(p);
		p->counted = amount;
	}
	str_free(&refusal.why);
	return verdict != PACE_WAIT;
}

/* --- replies -------------------------------------------------------------------------------------- */

/* The first line: its code, and what it says. */
static void
note_why(struct pacing *p, const struct remotereply *reply)
{
	struct view text = str_view(&reply->text);

	str_set(&p->why, view_first(text, view_index(text, '\n')));
}

static void
hear(void *context, const struct remotereply *reply)
{
	struct pacing *p = context;
	enum slowdown_action action;
	uint32_t seconds;

	p->is_later = false;
	if (!p->is_on || reply->code < CODE_MIN)
		return;
	action = slowdown_judge(&p->rules.slowdown, reply, &seconds);
	p->is_later =
	    action != SLOWDOWN_PASS && remotereply_class(reply) == CLASS_PERMANENT;
	if (action < p->action || (action == p->action && seconds <= p->seconds))
		return;
	p->action = action;
	p->seconds = seconds;
	note_why(p, reply);
}

void
pacing_listen(struct pacing *p, struct attempt *a)
{
	a->pacing = p;
	a->session.heard = hear;
	a->session.heard_context = p;
}

void
pacing_mail_sent(struct pacing *p)
{
	if (p)
		p->mail_sent = true;
}

bool
pacing_is_later(const struct pacing *p)
{
	return p && p->is_later;
}

/* --- afterwards ----------------------------------------------------------------------------------- */

static void
act(struct pacing *p, struct report *report)
{
	const struct pace_subject *route = &p->rules.at[0];
	struct view name = str_view(&route->name), why = str_view(&p->why);
	struct str line = { 0 };
	uint64_t until;

	if (p->action == SLOWDOWN_CLOSE)
		until = pacebook_close(&p->book, name, p->seconds, why);
	else
		until = pacebook_slow(&p->book, name, route->rule.pause, why);
	if (until == 0)
		return;
	waittext_append(&line, name, (int64_t)until, why);
	report_remark(report, str_view(&line));
	str_free(&line);
}

void
pacing_finish(struct pacing *p, struct report *report)
{
	if (p->is_on && p->action != SLOWDOWN_PASS)
		act(p, report);
	if (p->counted > 0 && !p->mail_sent)
		pacebook_give_back(&p->book, &p->rules, p->counted);
	p->counted = 0;
	p->action = SLOWDOWN_PASS;
	pacebook_free(&p->book);
}

void
pacing_leave(struct pacing *p)
{
	size_t i;

	for (i = 0; i < PACE_SUBJECTS; i++) {
		if (p->held[i].len > 0)
			pacebook_leave(&p->book, str_view(&p->held[i]), p->holder);
		str_free(&p->held[i]);
	}
	pacebook_free(&p->book);
}

void
pacing_free(struct pacing *p)
{
	pacing_leave(p);
	forget_delivery(p);
	str_free(&p->why);
}

/* --- tools ---------------------------------------------------------------------------------------- */

enum answer
pacing_look(const struct task *task, struct pace_standing *out, struct str *name,
    struct problem *problem)
{
	struct pace_question question = question_of(task);
	struct pacerules rules;
	struct pacebook book = { .is_open = false };
	enum answer answer = pacerules_read(&question, &rules, problem);

	if (answer == ANSWER_YES && !has_store())
		answer = ANSWER_NO;
	if (answer == ANSWER_YES) {
		str_set(name, str_view(&rules.at[0].name));
		if (!pacebook_look(&book, str_view(name), out))
			answer = ANSWER_ERROR;
	}
	pacebook_free(&book);
	pacerules_free(&rules);
	return answer;
}
