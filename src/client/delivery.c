#include "client/delivery.h"

#include "client/attemptrun.h"
#include "client/mxps.h"
#include "client/pacing.h"
#include "client/race.h"
#include "client/refusals.h"
#include "client/relaytargets.h"
#include "config/dialect.h"
#include "lib/ascii.h"
#include "lib/mem.h"
#include "os/os.h"

enum { LOOKUP = 120 }; /* seconds for all questions to the DNS together */

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

/* In which order, without those that have just refused the credential.  0: they all have, and that
 * is reported. */
static size_t
choose_relays(const struct task *task, uint64_t seed, size_t order[RELAYLIST_MAX],
    struct report *report)
{
	const struct route *route = &task->route;
	size_t i, count = 0;

	relaylist_order(&route->relays, seed, order);
	for (i = 0; i < route->relays.count; i++) {
		struct refusal refusal = {
			.relay = str_view(&route->relays.relays[order[i]].name),
			.credential = &route->credential,
			.end = task->end,
		};

		if (!credential_is_set(&route->credential) ||
		    !refusals_has(&refusal, report))
			order[count++] = order[i];
	}
	return count;
}

/* False: reported. */
static bool
find_of_relays(const struct task *task, const struct targets_search *search,
    struct targets *out, struct report *report)
{
	const struct relaylist *relays = &task->route.relays;
	size_t order[RELAYLIST_MAX], count;
	enum targets_result result;

	count = choose_relays(task, search->seed, order, report);
	if (count == 0)
		return false;
	result = relaytargets_find(search, relays, order, count, out);
	report_no_targets(report, result, str_view(&relays->relays[order[0]].name));
	return result == TARGETS_FOUND;
}

/* False: reported. */
static bool
find_of_host(const struct task *task, const struct targets_search *search,
    struct targets *out, struct report *report)
{
	/* A copy: the targets may outlive the task. */
	struct view host = arena_copy(search->mem, task->host);
	struct ipme me = { 0 };
	enum targets_result result;

	if (ipme_read(&me, NULL) == ANSWER_ERROR) {
		report_message(report, REPORT_LATER,
		    "System resources temporarily unavailable. (#4.3.0)");
		return false;
	}
	result = targets_of_host(search, host, &me, out);
	ipme_free(&me);
	report_no_targets(report, result, host);
	return result == TARGETS_FOUND;
}

/* By the relays' names or by the host's exchangers. */
static bool
find_targets(const struct task *task, struct arena *mem, struct targets *out,
    struct report *report)
{
	struct targets_search search = {
		.resolver = task->resolver,
		.limit = task->controls.limits.mx_addresses,
		.port = task->route.value.port,
		.implicit_tls = task->route.value.implicit_tls,
		.deadline = deadline_sooner(deadline_in(LOOKUP), task->end),
		.mem = mem,
	};
	bool found;

	os_random(&search.seed, sizeof search.seed);
	if (task->route.relays.count > 0)
		found = find_of_relays(task, &search, out, report);
	else
		found = find_of_host(task, &search, out, report);
	return found;
}

bool
delivery_find_targets(const struct task *task, struct arena *mem, struct targets *out,
    struct report *report)
{
	struct problem problem = { 0 };

	if (!find_targets(task, mem, out, report))
		return false;
	if (mxps_expand(out, mem, &problem) != ANSWER_ERROR)
		return true;
	report_controls(report, &problem);
	return false;
}

/* Nothing was connected to, and so it would be with every other address. */
static void
report_no_connection(
    struct attempt *a, enum connect_result why, const struct target *target)
{
	const struct controls *c = &a->task->controls;
	struct str source = { 0 };

	if (why != CONNECT_NO_BIND) {
		report_message(a->report, REPORT_LATER,
		    "System resources temporarily unavailable. (#4.3.0)");
		return;
	}
	ip_format(&source, target->ip.version == 6 ? &c->outgoing6 : &c->outgoing4);
	report_begin(a->report, REPORT_LATER);
	report_add(a->report, "Can't bind to local ip address: ");
	report_add_view(a->report, str_view(&source));
	report_add(a->report, ". (#4.3.0)");
	report_end(a->report, NULL);
	str_free(&source);
}

/* Strict mode knows no race; where there is but one family, nobody has to ask for it. */
static enum answer
goes_in_turn(const struct targets *targets, bool *in_turn, struct problem *problem)
{
	size_t i;

	for (i = 1; i < targets->count; i++)
		if (targets->list[i].ip.version != targets->list[0].ip.version)
			return strict_read(in_turn, problem);
	*in_turn = true;
	return ANSWER_YES;
}

/* True: go on with the next address.  *reported is set once there is a report. */
static bool
try_next(struct attempt *a, struct race *race, bool *reported)
{
	struct problem problem = { 0 };
	struct race_winner winner;
	enum connect_result connected = race_next(race, &winner);
	enum attempt_result result;

	if (connected == CONNECT_FAILED)
		return false;
	*reported = true;
	if (connected != CONNECT_OK) {
		report_no_connection(a, connected, winner.target);
		return false;
	}
	result = attempt_run(a, winner.target, winner.fd, &problem);
	if (result == ATTEMPT_CONTROLS)
		report_controls(a->report, &problem);
	if (result == ATTEMPT_REFUSED)
		race_drop(race, winner.target->name);
	return result == ATTEMPT_TRY_NEXT || result == ATTEMPT_REFUSED ||
	    (result == ATTEMPT_TRY_OTHER && race_leave(race, winner.target));
}

static bool
admits(void *context, const struct target *target)
{
	return attempt_admits(context, target);
}

void
delivery_try_targets(struct attempt *a, const struct targets *targets)
{
	struct problem problem = { 0 };
	struct race race;
	bool reported = false;

	race_start(&race, a->task, targets);
	race.admits = admits;
	race.context = a;
	if (goes_in_turn(targets, &race.in_turn, &problem) == ANSWER_ERROR) {
		report_controls(a->report, &problem);
		reported = true;
	} else {
		while (try_next(a, &race, &reported))
			continue;
	}
	race_end(&race);
	if (!reported && a->report->message.len == 0)
		report_message(a->report, REPORT_LATER,
		    "Sorry, I wasn't able to establish an SMTP connection. (#4.4.1)");
}

void
delivery_attempt(struct attempt *a, struct arena *mem)
{
	struct targets targets;

	if (delivery_find_targets(a->task, mem, &targets, a->report))
		delivery_try_targets(a, &targets);
}

void
delivery_run(const struct plan_request *request, struct report *report)
{
	struct attempt *attempt = mem_alloc(sizeof *attempt);
	struct arena mem = { 0 };
	struct detail detail = { .on = false };
	struct pacing pacing;
	struct task task;

	report->detail = &detail;
	attempt_init(attempt, &task, report);
	attempt->detail = &detail;
	pacing_init(&pacing);
	pacing_listen(&pacing, attempt);
	if (plan_make(&task, request, &detail, report) &&
	    pacing_plan(&pacing, &task, report) && plan_fetch_token(&task, report) &&
	    pacing_admit(&pacing, &task, report))
		delivery_attempt(attempt, &mem);
	session_quit(&attempt->session);
	pacing_finish(&pacing, report);
	pacing_free(&pacing);
	attempt_free(attempt);
	report->detail = NULL;
	detail_free(&detail);
	plan_free(&task);
	arena_free(&mem);
	mem_free(attempt);
}
