/* Requests of qmail-q to qmail-send, and the answers, each from a hostile other side. */
#include "fuzz/fuzz.h"

#include "wire/kinds.h"
#include "wire/queuectl.h"

static void
check_request(const struct frame *frame)
{
	struct queuectl_request request, again;
	struct str packet = { 0 };
	struct frame repeated;
	size_t i;

	if (!queuectl_parse(frame, &request))
		return;
	claim(request.count <= QUEUECTL_KEYS && request.verb <= QUEUECTL_VERBS);
	claim(request.text.len <= QUEUECTL_TEXT_MAX);
	claim(request.domain.len <= QUEUECTL_DOMAIN_MAX);
	queuectl_pack(&packet, &request);
	claim(frame_parse(str_view(&packet), &repeated));
	claim(queuectl_parse(&repeated, &again));
	claim(again.kind == request.kind && again.verb == request.verb);
	claim(again.count == request.count && view_equal(again.text, request.text));
	claim(view_equal(again.domain, request.domain));
	for (i = 0; i < request.count; i++)
		claim(again.keys[i].id == request.keys[i].id &&
		    again.keys[i].birth == request.keys[i].birth);
	str_free(&packet);
}

/* What comes out goes in again, and comes out the same. */
static void
repeat(struct str *packet, enum queuectl_item item, const struct queuectl_answer *answer)
{
	switch (item) {
	case QUEUECTL_STATE:
		queuectl_add_state(packet, &answer->state);
		break;
	case QUEUECTL_REASON:
		claim(answer->reason.channel < QUEUECTL_CHANNELS);
		claim(answer->reason.text.len <= QUEUECTL_TEXT_MAX);
		queuectl_add_reason(packet, &answer->reason);
		break;
	case QUEUECTL_RESULT:
		claim(answer->result <= QUEUECTL_FAILED);
		queuectl_add_result(packet, answer->result);
		break;
	default:
		claim(answer->domain.len <= QUEUECTL_DOMAIN_MAX);
		queuectl_add_domain(packet, answer->domain);
	}
}

static void
check_answer(const struct frame *frame)
{
	struct view rest = frame->fields, same;
	struct queuectl_answer answer = { .result = QUEUECTL_DONE }, other = answer;
	struct str packet = { 0 };
	enum queuectl_item item;
	struct frame repeated;

	while ((item = queuectl_next(&rest, &answer)) != QUEUECTL_END) {
		frame_start(&packet, WIRE_QUEUE_STATES, FRAME_OK, 0, 0);
		repeat(&packet, item, &answer);
		claim(frame_parse(str_view(&packet), &repeated));
		same = repeated.fields;
		claim(queuectl_next(&same, &other) == item);
		claim(item != QUEUECTL_REASON ||
		    view_equal(other.reason.text, answer.reason.text));
	}
	str_free(&packet);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct frame frame;

	if (!frame_parse((struct view) { (const char *)data, size }, &frame))
		return 0;
	check_request(&frame);
	check_answer(&frame);
	return 0;
}
