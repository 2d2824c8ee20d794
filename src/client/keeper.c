#include "client/keeper.h"

#include <sys/wait.h>

#include "client/delivery.h"
#include "client/identity.h"
#include "client/keepertalk.h"
#include "client/pacing.h"
#include "client/sessionhosts.h"
#include "client/transaction.h"
#include "lib/fd.h"
#include "lib/mem.h"
#include "os/os.h"
#include "wire/kept.h"
#include "wire/kinds.h"

/* qmail-rspawn looks for this in the file before it starts one (outbound 5.5, row 3). */
__attribute__((used)) static const char mark[] = KEPT_MARK;

enum {
	ACCEPTED = 250,
	RESET_WAIT = 5, /* seconds for the reply to RSET: nobody waits for the session */
};

struct keeper {
	int fd; /* to qmail-rspawn */
	struct str packet;
	struct frame frame;

	/* The delivery. */
	const struct kept_delivery *delivery;
	struct task task;
	struct report report;
	struct pacing pacing;
	bool crowded; /* said by the server of a session that is closed by now */

	/* The session, if it is open. */
	struct attempt *attempt;
	struct clearmemory clear_memory;
	struct arena mem; /* what its target is called */
	struct detail detail;
	struct identity route, tls;
	struct sessionhosts hosts;
	uint32_t messages;
	int64_t opened_ms;
};

static bool
is_open(const struct keeper *k)
{
	return k->attempt->session.fd >= 0;
}

/* If it does not get there, qmail-rspawn is gone, and so is who would want to know. */
static void
tell_dot(void *context)
{
	const struct keeper *k = context;

	keepertalk_dot(k->fd);
}

static bool
tell_end(struct keeper *k)
{
	const struct session *s = &k->attempt->session;
	struct kept_end end = {
		.open = is_open(k),
		.crowded = k->crowded || s->crowded,
		.rcpt_max = (uint32_t)(s->offers.rcpt_max < KEPT_RECIPIENTS_MAX
			? s->offers.rcpt_max
			: KEPT_RECIPIENTS_MAX),
		.messages = k->messages,
		.age_ms = (uint32_t)(os_monotonic_ms() - k->opened_ms),
	};

	return keepertalk_end(k->fd, &end) && end.open;
}

/* Helpers on demand that went with an earlier session. */
static void
reap(void)
{
	int status;

	while (waitpid(-1, &status, WNOHANG) > 0)
		continue;
}

static void
new_attempt(struct keeper *k)
{
	session_quit(&k->attempt->session);
	attempt_free(k->attempt);
	arena_reset(&k->mem);
	reap();
	attempt_init(k->attempt, &k->task, &k->report);
	k->attempt->before_dot = tell_dot;
	k->attempt->context = k;
	k->attempt->clear_memory = &k->clear_memory;
	k->attempt->detail = &k->detail;
	k->attempt->cut_to_limit = true;
	pacing_listen(&k->pacing, k->attempt);
	sessionhosts_free(&k->hosts);
	detail_disconnected(&k->detail);
	k->messages = 0;
}

static void
note_host(struct keeper *k)
{
	sessionhosts_note(
	    &k->hosts, k->task.host, k->attempt->session.offers.rcpt_domain_max);
}

static bool
takes_host(const struct keeper *k)
{
	return sessionhosts_may(
	    &k->hosts, k->task.host, k->attempt->session.offers.rcpt_domain_max);
}

static void
connect_and_deliver(struct keeper *k, const struct identity *route)
{
	new_attempt(k);
	k->opened_ms = os_monotonic_ms();
	k->route = *route;
	delivery_attempt(k->attempt, &k->mem);
	note_host(k);
	k->tls = identity_of_tls(
	    &k->attempt->tls, k->attempt->clear_allowed, k->delivery->salt);
}

/* Does the open session do for the task?  What cannot be read makes it another question, and then a
 * report, of the attempt that follows. */
static bool
fits(struct keeper *k, const struct identity *route)
{
	struct tlschoice choice = { 0 };
	struct problem problem = { 0 };
	bool clear_allowed, same = false;

	if (!is_open(k) || !identity_equal(&k->route, route) || !takes_host(k))
		return false;
	if (attempt_choose_tls(&k->task, k->attempt->target, &choice, &clear_allowed,
		&problem) == ANSWER_YES) {
		struct identity tls =
		    identity_of_tls(&choice, clear_allowed, k->delivery->salt);

		same = identity_equal(&k->tls, &tls);
	}
	tlschoice_free(&choice);
	return same;
}

/* False: the session had ended before, unseen.  Nothing is reported, nothing was delivered. */
static bool
deliver_over_session(struct keeper *k)
{
	if (!session_is_quiet(&k->attempt->session))
		return false;
	attempt_reuse(k->attempt, &k->task, &k->report);
	k->detail.reused = k->messages;
	transaction(k->attempt);
	note_host(k);
	return k->attempt->ended != TRANSACTION_STALE;
}

/* The session may have another delivery only if the server has said so, and nothing else. */
static void
settle(struct keeper *k)
{
	struct session *s = &k->attempt->session;
	const struct controls *c = &k->task.controls;
	bool good = k->attempt->ended == TRANSACTION_CLEAN;

	if (k->attempt->ended == TRANSACTION_ABORTED && !s->over && s->fd >= 0) {
		session_continue(
		    s, 1000 * RESET_WAIT, deadline_in(RESET_WAIT), &c->limits);
		good = session_ask(s, "RSET", VIEW("")) && s->reply.code == ACCEPTED;
	}
	if (s->offers.mail_max > 0 && k->messages >= s->offers.mail_max)
		good = false;
	if (!good || !session_is_quiet(s))
		session_quit(s);
}

static bool
connect_with_token(struct keeper *k, const struct identity *route)
{
	if (plan_fetch_token(&k->task, &k->report))
		connect_and_deliver(k, route);
	return true;
}

static bool
admitted(struct keeper *k)
{
	return pacing_admit(&k->pacing, &k->task, &k->report);
}

static bool
tell_plan(struct keeper *k, const struct identity *route, bool connected)
{
	return keepertalk_plan(
	    k->fd, &k->task, route, connected, pacing_connections(&k->pacing));
}

/* The task is planned.  True: reports are due; false: nothing was done. */
static bool
carry_out(struct keeper *k, bool *alive)
{
	struct identity route = identity_of_route(&k->task, k->delivery->salt);

	if (!identity_is_of_each(&route, &k->task, k->delivery->salt)) {
		*alive = keepertalk_refusal(k->fd);
		return false;
	}
	if (fits(k, &route)) {
		*alive = tell_plan(k, &route, true);
		if (*alive && (!admitted(k) || deliver_over_session(k)))
			return true;
		report_free(&k->report);
		k->crowded = k->attempt->session.crowded;
		session_drop(&k->attempt->session);
		return *alive && connect_with_token(k, &route);
	}
	if (k->delivery->offer) {
		*alive = keepertalk_refusal(k->fd);
		return false;
	}
	if (!plan_fetch_token(&k->task, &k->report))
		return true;
	*alive =
	    tell_plan(k, &route, false) && keepertalk_may_connect(k->fd, k->task.end);
	if (*alive && admitted(k))
		connect_and_deliver(k, &route);
	return *alive;
}

/* One delivery.  False: it was the last. */
static bool
serve(struct keeper *k, int message)
{
	struct plan_request request = {
		.host = k->delivery->host,
		.sender = k->delivery->sender,
		.recipients = k->delivery->recipients,
		.recipient_count = k->delivery->recipient_count,
		.message = message,
	};
	bool alive = true,
	     planned = plan_make(&k->task, &request, &k->detail, &k->report) &&
	    pacing_plan(&k->pacing, &k->task, &k->report);
	bool done = !planned || carry_out(k, &alive);

	pacing_finish(&k->pacing, &k->report);
	if (done) {
		alive = keepertalk_reports(k->fd, &k->report, k->task.recipient_count,
		    k->delivery->recipient_count);
		if (planned) {
			k->messages++;
			settle(k);
		}
		alive = tell_end(k) && alive;
		k->crowded = k->attempt->session.crowded = false;
	}
	report_free(&k->report);
	plan_free(&k->task);
	return alive && (done || is_open(k));
}

/* The next delivery; or the end, of qmail-rspawn or of the session, which has nothing to say
 * unasked. */
static bool
next(struct keeper *k)
{
	int session = k->attempt->session.fd;

	if (fd_wait_readable_or(k->fd, session, deadline_never()) < 0)
		return false;
	return frame_receive(k->fd, &k->packet, &k->frame, deadline_never()) > 0;
}

int
keeper_run(int fd)
{
	struct keeper k = { .fd = fd, .attempt = mem_alloc(sizeof *k.attempt) };
	struct kept_delivery delivery;
	bool go_on = true;

	attempt_init(k.attempt, &k.task, &k.report);
	pacing_init(&k.pacing);
	k.delivery = &delivery;
	k.report.detail = &k.detail;
	while (go_on && next(&k)) {
		if (k.frame.kind == WIRE_KEPT_WHO)
			go_on = keepertalk_self(fd);
		else
			go_on = kept_delivery(&k.frame, &delivery) &&
			    serve(&k, k.frame.fds[0]);
		frame_close_fds(&k.frame);
	}
	session_quit(&k.attempt->session);
	attempt_free(k.attempt);
	pacing_free(&k.pacing);
	detail_free(&k.detail);
	arena_free(&k.mem);
	mem_free(k.attempt);
	sessionhosts_free(&k.hosts);
	str_free(&k.packet);
	return 0;
}
