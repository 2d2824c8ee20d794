#include "client/keeper.h"

#include <sys/wait.h>

#include "client/delivery.h"
#include "client/identity.h"
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
	RESET_WAIT = 5,  /* seconds for the reply to RSET: nobody waits for the session */
	SEND_WAIT = 300, /* seconds for qmail-rspawn to take a frame */
};

struct keeper {
	int fd; /* to qmail-rspawn */
	struct str packet;
	struct frame frame;

	/* The delivery. */
	const struct kept_delivery *delivery;
	struct task task;
	struct report report;

	/* The session, if it is open. */
	struct attempt *attempt;
	struct clearmemory clear_memory;
	struct arena mem; /* what its target is called */
	struct identity route, tls;
	uint32_t messages;
	int64_t opened_ms;
};

static bool
is_open(const struct keeper *k)
{
	return k->attempt->session.fd >= 0;
}

static bool
tell(struct keeper *k, struct str *packet)
{
	int sent = frame_send(k->fd, packet, NULL, 0, deadline_in(SEND_WAIT));

	str_free(packet);
	return sent == 0;
}

/* If it does not get there, qmail-rspawn is gone, and so is who would want to know. */
static void
tell_dot(void *context)
{
	struct keeper *k = context;
	struct str packet = { 0 };

	frame_start(&packet, WIRE_KEPT_DOT, FRAME_OK, 0, 0);
	tell(k, &packet);
}

static bool
tell_refusal(struct keeper *k)
{
	struct str packet = { 0 };

	frame_start(&packet, WIRE_KEPT_PLAN, FRAME_NO, 0, 0);
	return tell(k, &packet);
}

static bool
tell_plan(struct keeper *k, const struct identity *route, bool connected)
{
	const struct route *r = &k->task.route;
	struct str packet = { 0 }, destination = { 0 };
	struct kept_plan plan = {
		.connected = connected,
		.relayed = r->relay.len > 0,
		.route = { (const char *)route->octets, sizeof route->octets },
	};

	str_append_lower(&destination, plan.relayed ? str_view(&r->relay) : k->task.host);
	plan.destination = str_view(&destination);
	kept_pack_plan(&packet, &plan);
	str_free(&destination);
	return tell(k, &packet);
}

static bool
tell_reports(struct keeper *k)
{
	struct str packet = { 0 }, output = { 0 };
	bool alive = true;
	uint32_t i;

	for (i = 0; alive && i < k->delivery->recipient_count; i++) {
		str_clear(&output);
		report_append_one(&k->report, i, &output);
		kept_pack_report(&packet, i, str_view(&output));
		alive = tell(k, &packet);
	}
	str_free(&output);
	return alive;
}

static bool
tell_end(struct keeper *k)
{
	struct str packet = { 0 };
	struct kept_end end = {
		.open = is_open(k),
		.messages = k->messages,
		.age_ms = (uint32_t)(os_monotonic_ms() - k->opened_ms),
	};

	kept_pack_end(&packet, &end);
	return tell(k, &packet) && end.open;
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
	k->messages = 0;
}

static void
connect_and_deliver(struct keeper *k, const struct identity *route)
{
	new_attempt(k);
	k->opened_ms = os_monotonic_ms();
	k->route = *route;
	delivery_attempt(k->attempt, &k->mem);
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

	if (!is_open(k) || !identity_equal(&k->route, route))
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
	transaction(k->attempt);
	return k->attempt->ended != TRANSACTION_STALE;
}

/* A route for one recipient's address wins over that of the host, but not where several go together. */
static bool
have_one_route(const struct keeper *k, const struct identity *together)
{
	bool same = true;
	size_t i;

	for (i = 0; k->task.recipient_count > 1 && same && i < k->task.recipient_count;
	     i++) {
		struct route_query query = { k->task.host, k->task.sender,
			k->task.recipients[i].address };
		struct problem problem = { 0 };
		struct task alone = k->task;
		struct identity id;

		alone.route = (struct route) { 0 };
		same = route_find(&query, &alone.route, &problem) == ROUTE_OK;
		if (same) {
			id = identity_of_route(&alone, k->delivery->salt);
			same = identity_equal(&id, together);
		}
		route_free(&alone.route);
	}
	return same;
}

/* Wait for leave to connect. */
static bool
may_connect(struct keeper *k)
{
	struct str packet = { 0 };
	struct frame frame;
	bool go = frame_receive(k->fd, &packet, &frame, k->task.end) > 0;

	if (go) {
		go = frame.kind == WIRE_KEPT_GO && frame.version == FRAME_VERSION;
		frame_close_fds(&frame);
	}
	str_free(&packet);
	return go;
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

/* The task is planned.  True: reports are due; false: nothing was done. */
static bool
carry_out(struct keeper *k, bool *alive)
{
	struct identity route = identity_of_route(&k->task, k->delivery->salt);

	if (!have_one_route(k, &route)) {
		*alive = tell_refusal(k);
		return false;
	}
	if (fits(k, &route)) {
		*alive = tell_plan(k, &route, true);
		if (*alive && deliver_over_session(k))
			return true;
		report_free(&k->report);
		session_close(&k->attempt->session);
	} else if (k->delivery->offer) {
		*alive = tell_refusal(k);
		return false;
	} else {
		*alive = tell_plan(k, &route, false) && may_connect(k);
	}
	if (*alive)
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
	bool alive = true, planned = plan_make(&k->task, &request, &k->report);
	bool done = !planned || carry_out(k, &alive);

	if (done) {
		alive = tell_reports(k);
		if (planned) {
			k->messages++;
			settle(k);
		}
		alive = tell_end(k) && alive;
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
	k.delivery = &delivery;
	while (go_on && next(&k)) {
		go_on = kept_delivery(&k.frame, &delivery) && serve(&k, k.frame.fds[0]);
		frame_close_fds(&k.frame);
	}
	session_quit(&k.attempt->session);
	attempt_free(k.attempt);
	arena_free(&k.mem);
	mem_free(k.attempt);
	str_free(&k.packet);
	return 0;
}
