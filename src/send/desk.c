#include "send/desk.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/fd.h"
#include "os/os.h"
#include "send/manage.h"
#include "send/manager.h"
#include "send/messageinfo.h"
#include "send/pending.h"
#include "send/records.h"
#include "send/sendlog.h"
#include "wire/kinds.h"
#include "wire/queuectl.h"
#include "wire/serve.h"

/* For the reasons of one answer: more would keep mail waiting. */
enum { RECORDS_LOOKED_AT = 16384 };

/* --- messages --------------------------------------------------------------------------------------------- */

/* Its number is that of another one by now, if it was not born then. */
static bool
is_same(const struct manager *m, const struct queuectl_key *key)
{
	struct messageinfo info = { 0 };
	bool same;

	if (messageinfo_read(&m->layout, key->id, &info) < 0)
		return false;
	same = info.birth == key->birth;
	messageinfo_free(&info);
	return same;
}

static unsigned
place_of(const struct message_channel *c)
{
	switch (c->place) {
	case MESSAGE_NOWHERE:
		return QUEUECTL_NOWHERE;
	case MESSAGE_WAITING:
		return QUEUECTL_WAITING;
	case MESSAGE_ACTIVE:
		return QUEUECTL_ACTIVE;
	default:
		return QUEUECTL_READY;
	}
}

/* Of each recipient that is not done, as far as it is remembered.  *left: of the records that may be read. */
static void
add_reasons(const struct manager *m, const struct queuectl_key *key,
    enum channel_kind kind, struct str *answer, unsigned *left)
{
	int fd = layout_open_file(&m->layout, manager_channel_dir(kind), key->id);
	struct records records;
	struct view record;

	if (fd < 0)
		return;
	records_init(&records, fd);
	for (; *left > 0 && answer->len < FRAME_MAX / 2 &&
	     records_next(&records, &record) == RECORDS_OK;
	     --*left) {
		const struct reason *reason = reasons_find(
		    &m->desk.reasons, key->id, kind, records.offset, key->birth);

		if (record.len == 0 || record.at[0] != 'T' || !reason)
			continue;
		queuectl_add_reason(answer,
		    &(struct queuectl_reason) { (unsigned)kind, records.offset,
			reason->at, str_view(&reason->text) });
	}
	fd_close(&fd);
}

static void
answer_state(const struct manager *m, const struct queuectl_key *key, struct str *answer,
    unsigned *left)
{
	uint32_t index = messages_find(&m->messages, key->id);
	struct queuectl_state state = { 0 };
	int kind;

	if (index != MESSAGES_NONE && is_same(m, key)) {
		const struct message *message = messages_at(&m->messages, index);

		state.known = true;
		state.held = message->held;
		for (kind = 0; kind < CHANNELS; kind++) {
			state.channels[kind].place = place_of(&message->channels[kind]);
			state.channels[kind].at = message->channels[kind].at;
		}
	}
	queuectl_add_state(answer, &state);
	for (kind = 0; kind < CHANNELS && state.known; kind++)
		add_reasons(m, key, kind, answer, left);
}

/* Who asked is told to look here. */
static void
warn_of_holds(void)
{
	sendlog_say(MANAGER_LOG_FD,
	    "warning: ", "unable to write to state/send: ", strerror(errno));
}

/* Noted first: what is held stays so over a restart, or is not held at all. */
static enum queuectl_result
hold(struct manager *m, const struct queuectl_key *key)
{
	if (holds_set_message(key->id, key->birth, true) < 0) {
		warn_of_holds();
		return QUEUECTL_FAILED;
	}
	return manage_hold(m, key->id) ? QUEUECTL_DONE : QUEUECTL_UNKNOWN;
}

static enum queuectl_result
release(struct manager *m, const struct queuectl_key *key)
{
	if (holds_set_message(key->id, key->birth, false) < 0 && errno != ENOENT) {
		warn_of_holds();
		return QUEUECTL_FAILED;
	}
	return manage_release(m, key->id) ? QUEUECTL_DONE : QUEUECTL_UNKNOWN;
}

static enum queuectl_result
result_of(enum answer done)
{
	return done == ANSWER_YES ? QUEUECTL_DONE
	    : done == ANSWER_NO   ? QUEUECTL_UNKNOWN
				  : QUEUECTL_FAILED;
}

/* What ends is no longer held. */
static enum queuectl_result
end(struct manager *m, const struct queuectl_key *key, enum queuectl_verb verb,
    struct view text)
{
	enum queuectl_result result =
	    result_of(verb == QUEUECTL_REMOVE ? manage_remove(m, key->id)
					      : manage_bounce(m, key->id, text));

	if (result == QUEUECTL_DONE)
		(void)holds_set_message(key->id, key->birth, false);
	return result;
}

static enum queuectl_result
do_one(struct manager *m, const struct queuectl_request *request,
    const struct queuectl_key *key)
{
	if (!is_same(m, key) || messages_find(&m->messages, key->id) == MESSAGES_NONE)
		return QUEUECTL_UNKNOWN;
	switch (request->verb) {
	case QUEUECTL_HOLD:
		return hold(m, key);
	case QUEUECTL_RELEASE:
		return release(m, key);
	case QUEUECTL_RETRY:
		return manage_retry(m, key->id) ? QUEUECTL_DONE : QUEUECTL_UNKNOWN;
	default:
		return end(m, key, (enum queuectl_verb)request->verb, request->text);
	}
}

/* --- requests --------------------------------------------------------------------------------------------- */

/* What was left out for a domain that was held is due now: all of it, as nobody knows which it was. */
static void
resume(struct manager *m, struct view domain)
{
	struct message *message;
	uint32_t cursor = 0;
	int kind;

	manage_resume(m, domain);
	while ((message = messages_next(&m->messages, &cursor)))
		for (kind = 0; kind < CHANNELS && message->passed_over; kind++)
			if (message->channels[kind].place == MESSAGE_WAITING) {
				uint32_t index = messages_find(&m->messages, message->id);

				pending_take_out(m, kind, index);
				pending_wait(m, kind, index, m->now);
			}
}

static void
answer_domains(struct manager *m, const struct queuectl_request *request,
    const struct frame *frame, struct str *answer)
{
	struct holds *holds = &m->desk.holds;
	struct view rest, name;

	if (request->verb != 0 &&
	    holds_set_domain(holds, request->domain, request->verb == QUEUECTL_HOLD) <
		0) {
		warn_of_holds();
		frame_start(answer, frame->kind, FRAME_LATER, frame->id, 0);
		return;
	}
	if (request->verb == QUEUECTL_RELEASE)
		resume(m, request->domain);
	frame_start(answer, frame->kind, FRAME_OK, frame->id, 0);
	rest = str_view(&holds->domains);
	while (view_cut(rest, '\0', &name, &rest))
		queuectl_add_domain(answer, name);
}

static void
answer_messages(struct manager *m, const struct queuectl_request *request,
    const struct frame *frame, struct str *answer)
{
	unsigned left = RECORDS_LOOKED_AT;
	size_t i;

	frame_start(answer, frame->kind, FRAME_OK, frame->id, 0);
	for (i = 0; i < request->count; i++)
		if (request->kind == WIRE_QUEUE_STATES)
			answer_state(m, &request->keys[i], answer, &left);
		else
			queuectl_add_result(
			    answer, do_one(m, request, &request->keys[i]));
}

void
desk_answer(struct manager *m, const struct frame *frame, struct str *answer)
{
	struct queuectl_request request;

	if (serve_common(frame, answer))
		return;
	if (frame->kind != WIRE_QUEUE_STATES && frame->kind != WIRE_QUEUE_DO &&
	    frame->kind != WIRE_QUEUE_DOMAIN)
		serve_unsupported(frame, answer);
	else if (!queuectl_parse(frame, &request))
		frame_start(answer, frame->kind, FRAME_MALFORMED, frame->id, 0);
	else if (request.kind == WIRE_QUEUE_DOMAIN)
		answer_domains(m, &request, frame, answer);
	else
		answer_messages(m, &request, frame, answer);
}

/* --- clients ---------------------------------------------------------------------------------------------- */

static bool
was_held(void *context, uint64_t id, int64_t birth)
{
	return holds_message(context, id, birth);
}

/* Of messages that came to their end, or were removed by somebody else. */
static void
forget_old_holds(const struct manager *m)
{
	const struct holds *h = &m->desk.holds;
	struct messageinfo info = { 0 };
	size_t i;

	for (i = 0; i < h->count; i++) {
		const struct holds_message *one = &h->messages[i];
		bool gone = messageinfo_read(&m->layout, one->id, &info) < 0
		    ? errno == ENOENT
		    : info.birth != one->birth;

		if (gone)
			(void)holds_set_message(one->id, one->birth, false);
	}
	messageinfo_free(&info);
}

int
desk_start(struct manager *m)
{
	struct desk *c = &m->desk;
	int i;

	c->started = true;
	for (i = 0; i < DESK_CLIENTS; i++)
		c->clients[i] = -1;
	/* In a rootless home nobody else makes them. */
	mkdir("run", 0755);
	mkdir("run/" QUEUECTL_SERVICE, 0755);
	holds_make_places();
	c->listener = serve_listen(QUEUECTL_SERVICE);
	if (c->listener >= 0) {
		/* Others are not answered: they get no place among those that are, either. */
		chmod("run/" QUEUECTL_SERVICE "/sock", 0600);
		fd_set_blocking(c->listener, 0);
	}
	if (holds_read(&c->holds) < 0)
		return -1;
	forget_old_holds(m);
	m->was_held = was_held;
	m->was_held_context = &c->holds;
	return 0;
}

void
desk_free(struct desk *c)
{
	int i;

	for (i = 0; c->started && i < DESK_CLIENTS; i++)
		fd_close(&c->clients[i]);
	if (!c->started)
		return;
	fd_close(&c->listener);
	holds_free(&c->holds);
	reasons_free(&c->reasons);
}

static int
free_client(const struct desk *c)
{
	int i;

	for (i = 0; i < DESK_CLIENTS && c->clients[i] >= 0; i++)
		continue;
	return i;
}

/* Those that find no room wait in the backlog. */
void
desk_list(const struct desk *c, struct pollfd *list)
{
	bool full = free_client(c) == DESK_CLIENTS;
	int i;

	list[0] = (struct pollfd) { full ? -1 : c->listener, POLLIN, 0 };
	for (i = 0; i < DESK_CLIENTS; i++)
		list[1 + i] = (struct pollfd) { c->clients[i], POLLIN, 0 };
}

/* Root, and who owns this process: a rootless home has no other. */
static bool
may_ask(int fd)
{
	return serve_may_ask(fd, true, NULL, 0);
}

static void
take_client(struct desk *c)
{
	int fd = serve_accept(c->listener);

	if (fd >= 0)
		c->clients[free_client(c)] = fd;
}

static void
serve_client(struct manager *m, int *client)
{
	struct str packet = { 0 }, answer = { 0 };
	struct frame request;
	int got = frame_receive(*client, &packet, &request, deadline_in_ms(0));

	if (got == 1) {
		frame_close_fds(&request);
		if (may_ask(*client))
			desk_answer(m, &request, &answer);
		else
			frame_start(&answer, request.kind, FRAME_NO, request.id, 0);
		if (frame_send(*client, &answer, NULL, 0, deadline_in_ms(0)) < 0)
			fd_close(client);
	} else if (got == 0 || errno != ETIMEDOUT) {
		fd_close(client);
	}
	str_free(&packet);
	str_free(&answer);
}

void
desk_serve(struct manager *m, const struct pollfd *list)
{
	struct desk *c = &m->desk;
	int i;

	for (i = 0; i < DESK_CLIENTS; i++)
		if (list[1 + i].revents && c->clients[i] >= 0)
			serve_client(m, &c->clients[i]);
	if (list[0].revents)
		take_client(c);
}

bool
desk_holds_domain(const struct desk *c, struct view recipient)
{
	size_t at = view_rindex(recipient, '@');

	if (c->holds.domains.len == 0 || at == recipient.len)
		return false;
	return holds_domain(&c->holds, view_from(recipient, at + 1));
}
