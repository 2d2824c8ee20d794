#include "client/plan.h"

#include <sys/stat.h>

#include "client/bearer.h"
#include "client/recipients.h"
#include "client/source.h"
#include "lib/ascii.h"
#include "lib/fmt.h"
#include "lib/mem.h"
#include "smtp/envelope.h"
#include "tlspolicy/tlsdestinations.h"

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

/* Mark what may not be sent; how many are left? */
static size_t
check_recipients(const struct view *recipients, size_t count, struct recipient *checked)
{
	size_t i, good = 0;

	for (i = 0; i < count; i++) {
		checked[i] = (struct recipient) { .address = recipients[i],
			.forbidden = envelope_is_forbidden(recipients[i]) };
		good += !checked[i].forbidden;
	}
	return good;
}

static void
report_not_for_sender(struct report *report, const struct problem *problem)
{
	report_begin(report, REPORT_LATER);
	report_add(report, "Sorry, this sender may not use that route. (#4.7.1)\n");
	report_add(report, problem->where);
	report_add(report, ": ");
	report_add(report, problem->what);
	report_end(report, NULL);
}

static bool
find_route(struct task *task, struct report *report)
{
	struct route_query query = { .host = task->host, .sender = task->routed_sender };
	struct problem problem = { 0 };
	enum route_result result;

	if (task->recipient_count == 1)
		query.recipient = task->recipients[0].address;
	result = route_find(&query, &task->route, &problem);
	if (result == ROUTE_NOT_FOR_SENDER) {
		report_not_for_sender(report, &problem);
		return false;
	}
	if (result == ROUTE_OK &&
	    source_choose(query.sender, &task->route, &task->controls, &problem) ==
		ANSWER_YES)
		return true;
	report_controls(report, &problem);
	return false;
}

/* A relay that takes mail of one sender only gets that one; a bounce stays a bounce. */
static void
replace_sender(struct task *task)
{
	if (task->route.sender.len > 0 && task->sender.len > 0)
		task->sender = str_view(&task->route.sender);
}

/* control/tlsdestinations may know other ports (outbound 4.1). */
static enum answer
read_ports(struct task *task, struct problem *problem)
{
	const struct control_list *lines = &task->tlsdestinations;
	struct route *route = &task->route;
	bool is_qmtp = route->value.protocol == ROUTE_QMTP;
	enum answer found = tlsdestinations_read(&task->tlsdestinations, problem);
	size_t i;

	for (i = 0; found == ANSWER_YES && i < route->relays.count; i++) {
		struct relay *relay = &route->relays.relays[i];

		if (tlsdestinations_port(lines, str_view(&relay->name),
			task->routed_sender, is_qmtp, &relay->port, &relay->implicit_tls,
			problem) == ANSWER_ERROR)
			found = ANSWER_ERROR;
	}
	if (found == ANSWER_YES && i == 0)
		found = tlsdestinations_port(lines, task->host, task->routed_sender,
		    is_qmtp, &route->value.port, &route->value.implicit_tls, problem);
	return found;
}

static bool
choose_ports(struct task *task, struct report *report)
{
	struct problem problem = { 0 };

	if (read_ports(task, &problem) != ANSWER_ERROR)
		return true;
	report_controls(report, &problem);
	return false;
}

bool
plan_make(struct task *task, const struct plan_request *request, struct detail *detail,
    struct report *report)
{
	struct recipient *checked =
	    mem_alloc_zeroed(request->recipient_count, sizeof *checked);

	*task = (struct task) {
		.host = request->host,
		.sender = envelope_wire_sender(request->sender),
		.routed_sender = envelope_wire_sender(request->sender),
		.recipients = checked,
		.recipient_count = request->recipient_count,
		.message = request->message,
		.end = deadline_never(),
	};
	if (envelope_is_forbidden(task->sender)) {
		report_message(report, REPORT_FAILURE,
		    "Sorry, that envelope address contains forbidden bytes. (#5.1.7)");
		return false;
	}
	if (envelope_is_forbidden_host(task->host) ||
	    check_recipients(request->recipients, task->recipient_count, checked) == 0) {
		report_message(report, REPORT_FAILURE, RECIPIENT_FORBIDDEN);
		return false;
	}
	if (!read_controls(&task->controls, report))
		return false;
	detail_start(detail, task->controls.logdetail, task->message);
	task->end = deadline_in((int64_t)task->controls.limits.delivery);
	task->resolver = resolver_network(task->controls.limits.dns_questions);
	if (!find_route(task, report) || !choose_ports(task, report))
		return false;
	replace_sender(task);
	return true;
}

bool
plan_fetch_token(struct task *task, struct report *report)
{
	struct bearer_setting bearer = { &task->controls.limits, task->end };

	return bearer_fetch(&task->route, &bearer, report);
}

void
plan_free(struct task *task)
{
	route_free(&task->route);
	control_list_free(&task->tlsdestinations);
	controls_free(&task->controls);
	resolver_free(task->resolver);
	mem_free(task->recipients);
	*task = (struct task) { 0 };
}
