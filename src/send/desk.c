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
#include "send/order.h"
#include "send/pending.h"
#include "send/records.h"
#include "send/sendlog.h"
#include "wire/kinds.h"
#include "wire/queuectl.h"
#include "wire/serve.h"

/* For the reasons of one answer: more would keep mail waiting. */
enum { RECORDS_LOOKED_AT = 16384 };

/* --- messages --------------------------------------------------------------------------------------------- */

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

	if (index != MESSAGES_NONE && order_is_same(m, key)) {
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
		order_warn_of_holds();
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
answer_states(const struct manager *m, const struct queuectl_request *request,
    const struct frame *frame, struct str *answer)
{
	unsigned left = RECORDS_LOOKED_AT;
	size_t i;

	frame_start(answer, frame->kind, FRAME_OK, frame->id, 0);
	for (i = 0; i < request->count; i++)
		answer_state(m, &request->keys[i], answer, &left);
}

/* The answer; or it stays empty, and what is to be done first is returned. */
static struct order *
take_request(struct manager *m, const struct frame *frame, struct str *answer)
{
	struct queuectl_request request;

	if (serve_common(frame, answer))
		return NULL;
	if (frame->kind != WIRE_QUEUE_STATES && frame->kind != WIRE_QUEUE_DO &&
	    frame->kind != WIRE_QUEUE_DOMAIN)
		serve_unsupported(frame, answer);
	else if (!queuectl_parse(frame, &request))
		frame_start(answer, frame->kind, FRAME_MALFORMED, frame->id, 0);
	else if (request.kind == WIRE_QUEUE_DOMAIN)
		answer_domains(m, &request, frame, answer);
	else if (request.kind == WIRE_QUEUE_STATES)
		answer_states(m, &request, frame, answer);
	else
		return order_take(&request, frame);
	return NULL;
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
		c->clients[i].fd = -1;
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

	for (i = 0; c->started && i < DESK_CLIENTS; i++) {
		fd_close(&c->clients[i].fd);
		order_free(c->clients[i].task);
	}
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

	for (i = 0; i < DESK_CLIENTS && c->clients[i].fd >= 0; i++)
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
		list[1 + i] =
		    (struct pollfd) { c->clients[i].task ? -1 : c->clients[i].fd, POLLIN,
			    0 };
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
		c->clients[free_client(c)].fd = fd;
}

static void
send_answer(struct desk_client *client, struct str *answer)
{
	if (frame_send(client->fd, answer, NULL, 0, deadline_in_ms(0)) < 0)
		fd_close(&client->fd);
}

static void
serve_client(struct manager *m, struct desk_client *client)
{
	struct str packet = { 0 }, answer = { 0 };
	struct frame request;
	int got = frame_receive(client->fd, &packet, &request, deadline_in_ms(0));

	if (got == 1) {
		frame_close_fds(&request);
		if (may_ask(client->fd))
			client->task = take_request(m, &request, &answer);
		else
			frame_start(&answer, request.kind, FRAME_NO, request.id, 0);
		if (!client->task)
			send_answer(client, &answer);
	} else if (got == 0 || errno != ETIMEDOUT) {
		fd_close(&client->fd);
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
		if (list[1 + i].revents && c->clients[i].fd >= 0)
			serve_client(m, &c->clients[i]);
	if (list[0].revents)
		take_client(c);
}

void
desk_do(struct manager *m)
{
	int i;

	for (i = 0; i < DESK_CLIENTS; i++) {
		struct desk_client *client = &m->desk.clients[i];
		struct str *answer = client->task ? order_go_on(m, client->task) : NULL;

		if (!answer)
			continue;
		send_answer(client, answer);
		order_free(client->task);
		client->task = NULL;
	}
}

bool
desk_is_busy(const struct desk *c)
{
	int i;

	for (i = 0; i < DESK_CLIENTS; i++)
		if (c->clients[i].task)
			return true;
	return false;
}

bool
desk_holds_domain(const struct desk *c, struct view recipient)
{
	size_t at = view_rindex(recipient, '@');

	if (c->holds.domains.len == 0 || at == recipient.len)
		return false;
	return holds_domain(&c->holds, view_from(recipient, at + 1));
}
