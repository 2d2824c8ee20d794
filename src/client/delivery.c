#include "client/delivery.h"

#include <errno.h>
#include <time.h>

#include "client/attempt.h"
#include "client/bearer.h"
#include "client/envelope.h"
#include "client/tcpto.h"
#include "lib/ascii.h"
#include "lib/mem.h"
#include "os/os.h"

enum { LOOKUP = 120 }; /* seconds for all questions to the DNS together */

static const char FORBIDDEN_TEXT[] =
    "Sorry, that envelope address contains forbidden bytes. (#5.1.3)";

static bool
read_controls(struct controls *out, struct report *report)
{
	struct problem problem = { 0 };

	switch (controls_read(out, &problem)) {
	case CONTROLS_OK:
		return true;
	case CONTROLS_BAD_OUTGOING:
		report_begin(report, REPORT_LATER);
		report_add(report, "invalid ipaddr in ");
		/* "control/outgoingip:1": the line is of no interest */
		report_add_view(report,
		    view_first(
			view_of(problem.where), view_index(view_of(problem.where), ':')));
		report_add(report, " (#4.3.0)");
		report_end(report, NULL);
		return false;
	case CONTROLS_UNREADABLE:
		break;
	}
	report_controls(report, &problem);
	return false;
}

static void
report_no_host(struct report *report, struct view host)
{
	size_t i;

	report_begin(report, REPORT_FAILURE);
	report_add(report, "Sorry, I couldn't find any host named ");
	for (i = 0; i < host.len; i++)
		report_add_view(report,
		    ascii_is_graphic(host.at[i]) ? (struct view) { host.at + i, 1 }
						 : VIEW("?"));
	report_add(report, ". (#5.1.2)");
	report_end(report, NULL);
}

static void
report_no_targets(struct report *report, enum targets_result why, struct view host)
{
	switch (why) {
	case TARGETS_FOUND:
		break;
	case TARGETS_SOFT:
		report_message(report, REPORT_LATER,
		    "Sorry, I couldn't find any host by that name. (#4.1.2)");
		break;
	case TARGETS_NO_HOST:
		report_no_host(report, host);
		break;
	case TARGETS_NO_ADDRESS:
		report_message(report, REPORT_FAILURE,
		    "Sorry, I couldn't find a mail exchanger or IP address. (#5.4.4)");
		break;
	case TARGETS_NULL_MX:
		report_message(report, REPORT_FAILURE,
		    "Sorry, that domain does not accept mail (null MX). (#5.1.10)");
		break;
	case TARGETS_SELF:
		report_message(report, REPORT_FAILURE,
		    "Sorry. Although I'm listed as a best-preference MX or A for that "
		    "host,\nit isn't in my control/locals file, so I don't treat it as "
		    "local. (#5.4.6)");
		break;
	}
}

/* The addresses, by the relay's name or by the host's exchangers.  False: reported. */
static bool
find_targets(const struct task *task, struct arena *mem, struct targets *out,
    struct report *report)
{
	struct targets_search search = {
		.resolver = resolver_network(task->controls.limits.dns_questions),
		.limit = task->controls.limits.mx_addresses,
		.deadline = deadline_sooner(deadline_in(LOOKUP), task->end),
		.mem = mem,
	};
	struct view relay = str_view(&task->route.relay);
	struct ipme me = { 0 };
	enum targets_result result;

	os_random(&search.seed, sizeof search.seed);
	if (relay.len > 0) {
		result = targets_of_relay(&search, relay, out);
	} else if (ipme_read(&me, NULL) == ANSWER_ERROR) {
		report_message(report, REPORT_LATER,
		    "System resources temporarily unavailable. (#4.3.0)");
		resolver_free(search.resolver);
		return false;
	} else {
		result = targets_of_host(&search, task->host, &me, out);
	}
	resolver_free(search.resolver);
	ipme_free(&me);
	if (result == TARGETS_FOUND)
		return true;
	report_no_targets(report, result, relay.len > 0 ? relay : task->host);
	return false;
}

static struct tcpto_rules
rules_of(const struct route_value *route)
{
	struct tcpto_rules rules;
	uint32_t random;

	os_random(&random, sizeof random);
	rules = tcpto_usual_rules(random);
	if (route->has_penalty)
		rules.penalty = route->penalty;
	if (route->has_tolerance)
		rules.tolerance = route->tolerance;
	return rules;
}

/* One address, with its entry in the table of those that timed out.  True: go on with the next.
 * *reported is set once there is a report. */
static bool
try_target(struct attempt *a, const struct target *target,
    const struct tcpto_rules *rules, bool *reported)
{
	int64_t now = (int64_t)time(NULL);
	struct tcpto_lookup seen = tcpto_look_up(&target->ip, rules, now);
	struct problem problem = { 0 };
	enum attempt_result result;

	if (seen.blocked)
		return true;
	a->was_timing_out = seen.known;
	result = attempt_run(a, target, &problem);
	if (result == ATTEMPT_NO_CONNECTION) {
		if (errno == ETIMEDOUT)
			tcpto_timed_out(&target->ip, rules, (int64_t)time(NULL));
		return true;
	}
	*reported = true;
	if (result == ATTEMPT_CONTROLS)
		report_controls(a->report, &problem);
	return result == ATTEMPT_TRY_NEXT;
}

static void
try_targets(struct task *task, const struct targets *targets, struct report *report)
{
	struct tcpto_rules rules = rules_of(&task->route.value);
	struct attempt *attempt = mem_alloc(sizeof *attempt);
	bool reported = false;
	size_t i;

	attempt_init(attempt, task, report);
	for (i = 0; i < targets->count && !deadline_passed(task->end); i++)
		if (!try_target(attempt, &targets->list[i], &rules, &reported))
			break;
	if (!reported)
		report_message(report, REPORT_LATER,
		    "Sorry, I wasn't able to establish an SMTP connection. (#4.4.1)");
	attempt_free(attempt);
	mem_free(attempt);
}

static void
deliver(struct task *task, struct report *report)
{
	struct route_query query = { .host = task->host, .sender = task->sender };
	struct bearer_setting bearer = { &task->controls.limits, task->end };
	struct problem problem = { 0 };
	struct targets targets;
	struct arena mem = { 0 };

	if (task->recipient_count == 1)
		query.recipient = task->recipients[0].address;
	if (route_find(&query, &task->route, &problem) != ROUTE_OK) {
		report_controls(report, &problem);
		return;
	}
	/* Before anything is said to anybody: without its token there is nothing to deliver with. */
	if (bearer_fetch(&task->route, &bearer, report) &&
	    find_targets(task, &mem, &targets, report))
		try_targets(task, &targets, report);
	arena_free(&mem);
}

/* Mark what may not be sent; how many are left? */
static size_t
check_recipients(const struct view *recipients, size_t count, struct recipient *checked)
{
	size_t i, good = 0;

	for (i = 0; i < count; i++) {
		checked[i] = (struct recipient) { recipients[i],
			envelope_is_forbidden(recipients[i]) };
		good += !checked[i].forbidden;
	}
	return good;
}

void
delivery_run(struct view host, struct view sender, const struct view *recipients,
    size_t count, int message, struct report *report)
{
	struct recipient *checked = mem_alloc_zeroed(count, sizeof *checked);
	struct task task = {
		.host = host,
		.sender = envelope_wire_sender(sender),
		.recipients = checked,
		.recipient_count = count,
		.message = message,
	};

	if (envelope_is_forbidden(task.sender)) {
		report_message(report, REPORT_FAILURE,
		    "Sorry, that envelope address contains forbidden bytes. (#5.1.7)");
	} else if (envelope_is_forbidden_host(host) ||
	    check_recipients(recipients, count, checked) == 0) {
		report_message(report, REPORT_FAILURE, FORBIDDEN_TEXT);
	} else if (read_controls(&task.controls, report)) {
		task.end = deadline_in((int64_t)task.controls.limits.delivery);
		deliver(&task, report);
	}
	route_free(&task.route);
	controls_free(&task.controls);
	mem_free(checked);
}
