#include "send/order.h"

#include <errno.h>
#include <string.h>

#include "lib/mem.h"
#include "queue/holds.h"
#include "send/ending.h"
#include "send/manage.h"
#include "send/messageinfo.h"
#include "send/sendlog.h"

struct order {
	struct queuectl_request request;
	struct str text; /* of a bounce */
	struct view reason;
	struct ending *ending; /* of the message that is at its turn */
	size_t at;             /* which one that is */
	struct str answer;
};

bool
order_is_same(const struct manager *m, const struct queuectl_key *key)
{
	struct messageinfo info = { 0 };
	bool same;

	if (messageinfo_read(&m->layout, key->id, &info) < 0)
		return false;
	same = info.birth == key->birth;
	messageinfo_free(&info);
	return same;
}

void
order_warn_of_holds(void)
{
	sendlog_say(MANAGER_LOG_FD,
	    "warning: ", "unable to write to state/send: ", strerror(errno));
}

/* Noted first: what is held stays so over a restart, or is not held at all. */
static enum queuectl_result
hold(struct manager *m, const struct queuectl_key *key)
{
	if (holds_set_message(key->id, key->birth, true) < 0) {
		order_warn_of_holds();
		return QUEUECTL_FAILED;
	}
	return manage_hold(m, key->id) ? QUEUECTL_DONE : QUEUECTL_UNKNOWN;
}

static enum queuectl_result
release(struct manager *m, const struct queuectl_key *key)
{
	if (holds_set_message(key->id, key->birth, false) < 0 && errno != ENOENT) {
		order_warn_of_holds();
		return QUEUECTL_FAILED;
	}
	return manage_release(m, key->id) ? QUEUECTL_DONE : QUEUECTL_UNKNOWN;
}

struct order *
order_take(const struct queuectl_request *request, const struct frame *frame)
{
	struct order *order = mem_alloc_zeroed(1, sizeof *order);

	order->request = *request;
	str_set(&order->text, request->text);
	order->reason = str_view(&order->text);
	frame_start(&order->answer, frame->kind, FRAME_OK, frame->id, 0);
	return order;
}

static void
next(struct order *order, enum queuectl_result result)
{
	queuectl_add_result(&order->answer, result);
	order->at++;
}

static void
begin_ending(struct manager *m, struct order *order, uint64_t id)
{
	bool returns = order->request.verb == QUEUECTL_BOUNCE;

	order->ending = ending_begin(m, id, returns ? &order->reason : NULL);
	if (!order->ending)
		next(order, QUEUECTL_UNKNOWN);
}

static void
begin_one(struct manager *m, struct order *order, const struct queuectl_key *key)
{
	uint32_t index = messages_find(&m->messages, key->id);

	if (index == MESSAGES_NONE || messages_at(&m->messages, index)->ending ||
	    !order_is_same(m, key)) {
		next(order, QUEUECTL_UNKNOWN);
		return;
	}
	switch (order->request.verb) {
	case QUEUECTL_HOLD:
		next(order, hold(m, key));
		break;
	case QUEUECTL_RELEASE:
		next(order, release(m, key));
		break;
	case QUEUECTL_RETRY:
		next(order, manage_retry(m, key->id) ? QUEUECTL_DONE : QUEUECTL_UNKNOWN);
		break;
	default:
		begin_ending(m, order, key->id);
	}
}

/* What ends is no longer held. */
static void
go_on_ending(struct manager *m, struct order *order, const struct queuectl_key *key)
{
	enum ending_step step = ending_go_on(m, order->ending);

	if (step == ENDING_MORE)
		return;
	ending_free(order->ending);
	order->ending = NULL;
	if (step == ENDING_DONE)
		(void)holds_set_message(key->id, key->birth, false);
	next(order, step == ENDING_DONE ? QUEUECTL_DONE : QUEUECTL_FAILED);
}

struct str *
order_go_on(struct manager *m, struct order *order)
{
	const struct queuectl_key *key = &order->request.keys[order->at];

	if (order->at < order->request.count && !order->ending)
		begin_one(m, order, key);
	if (order->ending)
		go_on_ending(m, order, key);
	return order->at < order->request.count ? NULL : &order->answer;
}

void
order_free(struct order *order)
{
	if (!order)
		return;
	ending_free(order->ending);
	str_free(&order->text);
	str_free(&order->answer);
	mem_free(order);
}
