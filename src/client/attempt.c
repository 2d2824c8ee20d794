#include "client/attempt.h"

#include "client/pacing.h"
#include "lib/fd.h"

enum { CLASS_PERMANENT = 5 };

bool
attempt_has_credential(const struct attempt *a)
{
	return credential_is_set(&a->task->route.credential);
}

void
attempt_report(struct attempt *a, enum report_letter letter, const char *after,
    const struct remotereply *reply)
{
	report_peer(a->report, letter, "Connected to ", str_view(&a->peer), after, reply);
}

void
attempt_report_failure(struct attempt *a, const char *before, const char *after)
{
	const struct remotereply *reply = &a->session.reply;

	report_peer(a->report,
	    remotereply_class(reply) == CLASS_PERMANENT && !pacing_is_later(a->pacing)
		? REPORT_FAILURE
		: REPORT_LATER,
	    before, str_view(&a->peer), after, reply);
}

void
attempt_report_death(struct attempt *a)
{
	attempt_report(a, REPORT_LATER, " but connection died. (#4.4.2)", NULL);
}

void
attempt_report_policy(
    struct attempt *a, struct view detail, const struct remotereply *reply)
{
	report_begin(a->report, REPORT_LATER);
	report_add(a->report, "Connected to ");
	report_add_view(a->report, str_view(&a->peer));
	report_add(a->report, " but TLS policy ");
	report_add(a->report, a->tls.policy);
	report_add(a->report, " failed: ");
	report_add_view(a->report, detail);
	report_add(a->report, ". (#4.7.5)");
	report_end(a->report, reply);
}

void
attempt_init(struct attempt *a, struct task *task, struct report *report)
{
	*a = (struct attempt) { .task = task, .report = report };
	helper_init(&a->tls_helper);
	session_init(&a->session);
}

void
attempt_free(struct attempt *a)
{
	session_free(&a->session);
	tlschoice_free(&a->tls);
	str_free(&a->peer);
	str_free(&a->tls_words);
	str_free(&a->own_ip);
	/* Not helper_close(): a helper on demand has QUIT and close_notify to pass on still, and the
	 * report does not wait for that. */
	fd_close(&a->tls_helper.fd);
}

enum answer
attempt_choose_tls(const struct task *task, const struct target *target,
    struct tlschoice *out, bool *clear_allowed, struct problem *problem)
{
	const struct route *route = &task->route;
	struct tlschoice_question question = {
		.server = target->name,
		.is_ip = target->name_is_ip,
		.is_relay = route->relay.len > 0,
		.host = task->host,
		.domain = target->domain,
		.message = task->message,
		.route_policy = str_view(&route->tls),
		.route_from = route->tls_from,
		.sender = task->routed_sender,
		.destinations = &task->tlsdestinations,
		.has_credential = credential_user(&route->credential).len > 0,
		.implicit = target->implicit_tls,
		/* MXPS names a server of SMTP, whose records hold whatever is spoken. */
		.dns = { target->secure, target->asked, target->canonical, target->domain,
		    target->qmtp ? route->value.port : target->port, task->resolver,
		    task->end },
	};
	enum answer clear = ANSWER_NO;

	if (question.has_credential)
		clear = authrules_clear_allowed(target->name, problem);
	if (clear == ANSWER_ERROR)
		return ANSWER_ERROR;
	question.clear_allowed = clear == ANSWER_YES || route->value.allow_clear ||
	    ip_is_loopback(&target->ip);
	*clear_allowed = question.clear_allowed;
	if (tlschoice_make(&question, out, problem) == ANSWER_ERROR)
		return ANSWER_ERROR;
	/* Keys are compared as they were written; certificates have A-labels only (RFC 6125 6.4.2). */
	if (view_equal(str_view(&out->name), target->name))
		str_set(&out->name, target->asked);
	if (view_equal(str_view(&out->sni), target->name))
		str_set(&out->sni, target->asked);
	return ANSWER_YES;
}

void
attempt_reuse(struct attempt *a, struct task *task, struct report *report)
{
	const struct controls *c = &task->controls;

	a->task = task;
	a->report = report;
	a->reused = true;
	session_continue(&a->session, c->timeoutremote_ms, task->end, &c->limits);
}
