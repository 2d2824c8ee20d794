#include "try/route.h"

#include <errno.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "client/attempt.h"
#include "client/delivery.h"
#include "client/pacing.h"
#include "client/plan.h"
#include "client/session.h"
#include "lib/date.h"
#include "lib/mem.h"
#include "try/describe.h"
#include "try/hello.h"
#include "try/secrets.h"
#include "try/servers.h"
#include "try/show.h"
#include "try/steps.h"
#include "try/tables.h"
#include "try/viewer.h"
#include "users/route.h"

enum { DNS_SECONDS = 5 };

/* One run. */
struct run {
	const struct try_route *question;
	struct show show;
	struct viewer viewer;
	struct str recipient; /* as qmail-send hands it on */
	struct view recipients[1];
	struct plan_request request;
	struct task task;
	struct detail detail; /* off */
	struct attempt *attempt;
	struct report report;
	struct arena mem;
	int64_t now;
};

/* --- the result ------------------------------------------------------------------------------- */

/* The letter that decides (outbound 1.4): the recipient's if it is one, else the message's; 0: all went
 * well so far. */
static char
deciding_letter(const struct report *report)
{
	char recipient = report->recipients.len > 0 ? report->recipients.at[0] : 'r';

	if (recipient != REPORT_ACCEPTED)
		return recipient;
	return report->message.len > 0 ? report->message.at[0] : '\0';
}

/* The texts of both reports, without letters and NULs. */
static void
append_texts(struct str *out, const struct report *report)
{
	struct view text, rest = str_view(&report->recipients);

	while (view_cut(rest, '\0', &text, &rest))
		str_append(out, view_from(text, 1));
	str_append(out, view_from(str_view(&report->message), 1));
}

/* Somebody who may not read what qmailr may has found out nothing. */
static bool
is_unknown(const struct run *r, const struct str *texts)
{
	return r->viewer.is_other &&
	    view_contains(str_view(texts), view_of(strerror(EACCES)));
}

static int
show_failure(struct run *r, char letter)
{
	struct str texts = { 0 };
	bool bounce = letter == REPORT_FAILURE || letter == REPORT_REJECTED, unknown;

	append_texts(&texts, &r->report);
	unknown = is_unknown(r, &texts);
	show_text(&r->show, "result",
	    unknown      ? "not known: this user may not read what qmailr may"
		: bounce ? "it would bounce"
			 : "it would be tried again later",
	    NULL);
	show_remote(&r->show, "report", str_view(&texts));
	str_free(&texts);
	return unknown ? TRY_TROUBLE : TRY_FAILS;
}

/* QMTP has no answer without a message. */
static bool
has_heard_of_recipient(const struct run *r)
{
	const struct target *target = r->attempt->target;

	return r->question->connects && target && !target->qmtp &&
	    r->task.route.value.protocol == ROUTE_SMTP;
}

static int
show_result(struct run *r)
{
	char letter = deciding_letter(&r->report);

	if (letter != '\0')
		return show_failure(r, letter);
	show_text(&r->show, "result",
	    has_heard_of_recipient(r) ? "the recipient would be accepted"
				      : "it would be tried",
	    NULL);
	return TRY_OK;
}

/* The recipient is a local one. */
static int
stay(struct run *r)
{
	show_text(&r->show, "result", "it would be delivered on this machine", NULL);
	return TRY_FAILS;
}

/* --- the parts -------------------------------------------------------------------------------- */

static void
show_envelope(struct run *r)
{
	struct view sender = r->question->sender;

	show_line(
	    &r->show, "sender", sender.len > 0 ? sender : VIEW("none, a bounce"), NULL);
	show_line(&r->show, "recipient", r->question->recipient, NULL);
}

/* What qmail-send makes of the recipient.  False: qmail-remote has nothing to do with it. */
static bool
leaves(struct run *r)
{
	struct view given = r->question->recipient;
	struct problem problem = { 0 };
	struct routes routes = { 0 };
	enum channel_kind channel = CHANNEL_REMOTE;

	str_set(&r->recipient, given);
	if (routes_read(&routes, &problem) == ANSWER_YES)
		channel = route_recipient(&routes, given, &r->recipient);
	else
		show_problem(&r->show, &problem);
	routes_free(&routes);
	if (!view_equal(str_view(&r->recipient), given))
		show_line(&r->show, "rewritten", str_view(&r->recipient), NULL);
	return channel == CHANNEL_REMOTE;
}

/* As qmail-rspawn makes the arguments of qmail-remote (outbound 5.3).  False: it would not. */
static bool
find_host(struct run *r)
{
	struct view recipient = str_view(&r->recipient);
	size_t at = view_rindex(recipient, '@');

	r->recipients[0] = recipient;
	r->request = (struct plan_request) {
		.host = view_from(recipient, at + 1),
		.sender = r->question->sender,
		.recipients = r->recipients,
		.recipient_count = 1,
		.message = -1,
	};
	if (at == recipient.len)
		report_message(&r->report, REPORT_FAILURE,
		    "Sorry, address must include host name. (#5.1.3)");
	return at < recipient.len;
}

static void
warn(struct run *r)
{
	viewer_check(&r->viewer, &r->show);
	tables_check(&r->show);
	secrets_check(&r->show);
}

/* "NAME, open", or until when it is not, and why. */
static void
show_pace(struct show *show, struct view name, const struct pace_standing *standing)
{
	struct str text = { 0 };

	str_append(&text, name);
	if (standing->closed_until <= standing->now) {
		str_append_text(&text, ", open");
	} else {
		str_append_text(&text, ", closed until ");
		date_format_rfc3339(&text, (int64_t)standing->closed_until);
	}
	show_line(show, "pacing", str_view(&text), NULL);
	if (standing->closed_until > standing->now && standing->why[0])
		show_remote(show, "closed-by", view_of(standing->why));
	str_free(&text);
}

static void
rehearse(struct run *r, const struct targets *targets)
{
	struct steps steps;

	steps_init(&steps, &r->show, &r->task, r->now);
	show_hide(&r->show, credential_pass(&r->task.route.credential));
	r->task.watch = &steps.watch;
	delivery_try_targets(r->attempt, targets);
	session_quit(&r->attempt->session);
	r->task.watch = NULL;
}

/* False: reported, mail waits for the route to open. */
static bool
check_pacing(struct run *r)
{
	struct pace_standing standing;
	struct problem problem = { 0 };
	struct str name = { 0 };
	enum answer found = pacing_look(&r->task, &standing, &name, &problem);
	bool open = found != ANSWER_YES || standing.closed_until <= standing.now;

	if (found == ANSWER_ERROR && problem.what) {
		report_controls(&r->report, &problem);
		open = false;
	} else if (found == ANSWER_YES) {
		show_pace(&r->show, str_view(&name), &standing);
	}
	if (found == ANSWER_YES && !open)
		report_message(&r->report, REPORT_LATER, "The route is closed for now.");
	str_free(&name);
	return open;
}

/* From the plan to the end of the rehearsal. */
static void
go(struct run *r)
{
	struct problem problem = { 0 };
	struct targets targets;

	if (!plan_make(&r->task, &r->request, &r->detail, &r->report))
		return;
	r->detail.on = false; /* the report of no delivery has details */
	if (!plan_fetch_token(&r->task, &r->report)) {
		describe_route(&r->show, &r->task);
		return;
	}
	describe_plan(&r->show, &r->task);
	hello_check(&r->show, &r->task, deadline_in(DNS_SECONDS));
	if (!check_pacing(r))
		return;
	servers_check_refusals(&r->show, &r->task);
	if (!delivery_find_targets(&r->task, &r->mem, &targets, &r->report))
		return;
	if (!servers_describe(&r->show, &r->task, &targets, r->now, &problem))
		report_controls(&r->report, &problem);
	else if (r->question->connects)
		rehearse(r, &targets);
}

static int
run(struct run *r)
{
	int status;

	r->attempt = mem_alloc(sizeof *r->attempt);
	attempt_init(r->attempt, &r->task, &r->report);
	if (find_host(r))
		go(r);
	warn(r);
	status = show_result(r);
	attempt_free(r->attempt);
	mem_free(r->attempt);
	return status;
}

int
try_route(const struct try_route *question)
{
	struct run r = { .question = question, .now = (int64_t)time(NULL) };
	int status;

	show_init(&r.show, STDOUT_FILENO);
	if (viewer_become(&r.viewer, &viewer_of_remote, &r.show) < 0) {
		status = TRY_TROUBLE;
	} else {
		show_envelope(&r);
		status = leaves(&r) ? run(&r) : stay(&r);
	}
	str_free(&r.recipient);
	plan_free(&r.task);
	detail_free(&r.detail);
	report_free(&r.report);
	arena_free(&r.mem);
	show_free(&r.show);
	return status;
}
