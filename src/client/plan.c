#include "client/plan.h"

#include <sys/stat.h>

#include "client/bearer.h"
#include "client/envelope.h"
#include "client/tlsdestinations.h"
#include "lib/ascii.h"
#include "lib/fmt.h"
#include "lib/mem.h"

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

static bool
find_route(struct task *task, struct report *report)
{
	struct route_query query = { .host = task->host, .sender = task->sender };
	struct problem problem = { 0 };

	if (task->recipient_count == 1)
		query.recipient = task->recipients[0].address;
	if (route_find(&query, &task->route, &problem) == ROUTE_OK)
		return true;
	report_controls(report, &problem);
	return false;
}

/* control/tlsdestinations may know another port (outbound 4.1). */
static bool
choose_port(struct task *task, struct report *report)
{
	struct route *route = &task->route;
	struct view relay = str_view(&route->relay);
	struct problem problem = { 0 };

	if (tlsdestinations_read(&task->tlsdestinations, &problem) != ANSWER_ERROR &&
	    tlsdestinations_port(&task->tlsdestinations,
		relay.len > 0 ? relay : task->host, task->sender, &route->value.port,
		&route->value.implicit_tls, &problem) != ANSWER_ERROR)
		return true;
	report_controls(report, &problem);
	return false;
}

bool
plan_make(struct task *task, const struct plan_request *request, struct report *report)
{
	struct recipient *checked =
	    mem_alloc_zeroed(request->recipient_count, sizeof *checked);
	struct bearer_setting bearer;

	*task = (struct task) {
		.host = request->host,
		.sender = envelope_wire_sender(request->sender),
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
		report_message(report, REPORT_FAILURE, FORBIDDEN_TEXT);
		return false;
	}
	if (!read_controls(&task->controls, report))
		return false;
	task->end = deadline_in((int64_t)task->controls.limits.delivery);
	task->resolver = resolver_network(task->controls.limits.dns_questions);
	bearer = (struct bearer_setting) { &task->controls.limits, task->end };
	/* Before anything is said to anybody: without its token there is nothing to deliver with. */
	return find_route(task, report) && choose_port(task, report) &&
	    bearer_fetch(&task->route, &bearer, report);
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
