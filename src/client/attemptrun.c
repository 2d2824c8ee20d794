#include "client/attemptrun.h"

#include "client/authdialogue.h"
#include "client/hello.h"
#include "client/qmtp.h"
#include "client/refusals.h"
#include "client/tlsnote.h"
#include "client/transaction.h"
#include "lib/connect.h"
#include "tlspolicy/tlssts.h"

enum { CREDENTIAL_REFUSED = 535 };

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

static void
start_session(struct attempt *a, int fd)
{
	const struct controls *c = &a->task->controls;

	a->session.watch = a->task->watch;
	session_open(&a->session, fd, c->timeoutremote_ms, a->task->end, &c->limits);
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
		session_drop(&a->session);
		return ATTEMPT_CONTROLS;
	}
	if (a->tls.refusal.len > 0) {
		tlsnote_result(a, a->tls.refusal_type, str_view(&a->tls.refusal));
		tlsnote_finish(a);
		attempt_report_policy(a, str_view(&a->tls.refusal), NULL);
		session_drop(&a->session);
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
