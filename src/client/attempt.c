#include "client/attempt.h"

#include "client/authdialogue.h"
#include "client/connect.h"
#include "client/hello.h"
#include "client/pacing.h"
#include "client/qmtp.h"
#include "client/refusals.h"
#include "client/tlsnote.h"
#include "client/transaction.h"
#include "lib/fd.h"
#include "tlspolicy/tlssts.h"

enum { CREDENTIAL_REFUSED = 535, CLASS_PERMANENT = 5 };

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

/* What the control files say about TLS and AUTH with this target. */
static enum answer
prepare(struct attempt *a, struct problem *problem)
{
	str_clear(&a->peer);
	ip_format(&a->peer, &a->target->ip);
	tlschoice_free(&a->tls);
	return attempt_choose_tls(
	    a->task, a->target, &a->tls, &a->clear_allowed, problem);
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

static void
start_session(struct attempt *a, int fd)
{
	const struct controls *c = &a->task->controls;

	a->session.watch = a->task->watch;
	session_start(&a->session, fd, c->timeoutremote_ms, a->task->end, &c->limits);
	detail_connected(a->detail, a->target->name, &a->target->ip, a->target->port);
}

static bool
connect_again(struct attempt *a)
{
	const struct controls *c = &a->task->controls;
	const struct ip *ip = &a->target->ip;
	struct deadline deadline =
	    deadline_sooner(deadline_in_ms(c->timeoutconnect_ms), a->task->end);
	int fd;

	if (connect_to(ip, a->target->port,
		ip->version == 6 ? &c->outgoing6 : &c->outgoing4, deadline,
		&fd) != CONNECT_OK)
		return false;
	start_session(a, fd);
	return true;
}

/* Hello, and a second connection where the first one taught us to ask for less. */
static enum hello_result
establish(struct attempt *a)
{
	struct hello_mode mode = { 0 };
	enum hello_result result;

	for (;;) {
		result = hello(a, &mode);
		if (result == HELLO_AGAIN_HELO && !mode.helo_only)
			mode.helo_only = true;
		else if (result == HELLO_AGAIN_IN_CLEAR && !mode.in_clear)
			mode.in_clear = true;
		else
			return result;
		if (!connect_again(a))
			return HELLO_TRY_NEXT;
	}
}

static bool
has_other_relays(const struct attempt *a)
{
	return a->task->route.relays.count > 1;
}

static void
remember_refusal(const struct attempt *a)
{
	struct refusal refusal = {
		.relay = a->target->name,
		.credential = &a->task->route.credential,
		.end = a->task->end,
	};

	refusals_note(&refusal, a->report);
}

/* False: reported. */
static bool
authenticate(struct attempt *a, struct problem *problem)
{
	struct authrules_mechanisms mechanisms;
	bool ok = false;

	if (!attempt_has_credential(a))
		return true;
	if (authrules_mechanisms(a->target->name, str_view(&a->task->route.mechanisms),
		&mechanisms, problem) == ANSWER_ERROR)
		report_controls(a->report, problem);
	else
		ok = authdialogue(a, &mechanisms);
	if (a->session.reply.code == CREDENTIAL_REFUSED && !ok)
		remember_refusal(a);
	if (!has_other_relays(a))
		credential_wipe(&a->task->route.credential);
	return ok;
}

/* Nothing was accepted, nothing was said of a recipient, and there is hope? */
static bool
is_worth_another_relay(const struct attempt *a)
{
	const struct report *r = a->report;

	return has_other_relays(a) && a->session.reply.code != CREDENTIAL_REFUSED &&
	    r->recipients.len == 0 && r->message.len > 0 &&
	    r->message.at[0] == REPORT_LATER;
}

/* What was reported of another server says more: there was one. */
static void
report_refusal(struct attempt *a)
{
	tlsnote_result(a, a->tls.refusal_type, str_view(&a->tls.refusal));
	tlsnote_finish(a);
	if (a->report->message.len > 0)
		return;
	report_begin(a->report, REPORT_LATER);
	report_add(a->report, "TLS policy ");
	report_add(a->report, a->tls.policy);
	report_add(a->report, " failed for ");
	report_add_view(a->report, a->target->name);
	report_add(a->report, ": ");
	report_add_view(a->report, str_view(&a->tls.refusal));
	report_add(a->report, ". (#4.7.5)");
	report_end(a->report, NULL);
}

/* QMTP by MXPS has no TLS: where there must be some, the same server's SMTP comes next, and has all to
 * say that is to be reported. */
static bool
needs_smtp(const struct attempt *a, const struct target *target)
{
	return target->qmtp &&
	    (target->implicit_tls || a->tls.level >= TLS_ENCRYPT || a->tls.wrong_name ||
		a->tls.refusal.len > 0);
}

bool
attempt_admits(struct attempt *a, const struct target *target)
{
	struct problem problem = {
		0
	}; /* it comes again, and is reported, once there is a connection */

	/* Nearly always, and cheap. */
	if (!target->qmtp && !tlssts_excludes(target->domain, target->name))
		return true;
	a->target = target;
	if (prepare(a, &problem) == ANSWER_ERROR)
		return true;
	if (needs_smtp(a, target))
		return false;
	if (!a->tls.not_listed || a->tls.refusal.len == 0)
		return true;
	report_refusal(a);
	return false;
}

enum attempt_result
attempt_run(
    struct attempt *a, const struct target *target, int fd, struct problem *problem)
{
	bool ready;

	a->target = target;
	watch_connected(a->task->watch, target);
	start_session(a, fd);
	if (prepare(a, problem) == ANSWER_ERROR) {
		session_close(&a->session);
		return ATTEMPT_CONTROLS;
	}
	if (a->tls.refusal.len > 0) {
		tlsnote_result(a, a->tls.refusal_type, str_view(&a->tls.refusal));
		tlsnote_finish(a);
		attempt_report_policy(a, str_view(&a->tls.refusal), NULL);
		session_close(&a->session);
		return ATTEMPT_REFUSED;
	}
	if (target->qmtp || a->task->route.value.protocol == ROUTE_QMTP)
		return qmtp(a);
	ready = establish(a) == HELLO_READY;
	if (ready && a->session.offers.starttls && !a->session.tls)
		detail_starttls_unused(a->detail);
	tlsnote_finish(a);
	if (!ready) {
		session_quit(&a->session);
		return ATTEMPT_TRY_NEXT;
	}
	a->reused = false;
	if (!authenticate(a, problem))
		session_quit(&a->session);
	else if (a->task->watch)
		transaction_rehearse(a);
	else
		transaction(a);
	if (!is_worth_another_relay(a))
		return ATTEMPT_DONE;
	session_quit(&a->session);
	return ATTEMPT_TRY_OTHER;
}
