/* queuectl: the frames between qmail-q and qmail-send, there and back, and broken. */
#include "unit/unit.h"

#include "wire/kinds.h"
#include "wire/queuectl.h"

static struct frame
parse(const struct str *packet)
{
	struct frame frame;

	assert_true(frame_parse(str_view(packet), &frame));
	return frame;
}

static void
requests(void **state)
{
	struct queuectl_request out = { .kind = WIRE_QUEUE_DO,
		.verb = QUEUECTL_BOUNCE,
		.count = QUEUECTL_KEYS,
		.keys = { { 1, 2 }, { UINT64_MAX, INT64_MAX } },
		.text = VIEW("why\n") },
				in = { 0 };
	struct str packet = { 0 };
	struct frame frame;

	(void)state;
	queuectl_pack(&packet, &out);
	frame = parse(&packet);
	assert_true(queuectl_parse(&frame, &in));
	assert_int_equal(in.verb, QUEUECTL_BOUNCE);
	assert_int_equal(in.count, QUEUECTL_KEYS);
	assert_true(in.keys[0].id == 1 && in.keys[0].birth == 2);
	assert_true(in.keys[1].id == UINT64_MAX && in.keys[1].birth == INT64_MAX);
	assert_true(view_equal(in.text, VIEW("why\n")));
	/* One key more than there may be. */
	frame_add(&packet, TAG_QUEUE_KEY, VIEW("0123456789abcdef"));
	frame = parse(&packet);
	assert_false(queuectl_parse(&frame, &in));
	str_free(&packet);
}

static void
nonsense(void **state)
{
	static const struct {
		uint8_t kind;
		uint16_t tag;
		struct view field;
	} cases[] = {
		{ WIRE_QUEUE_DO, TAG_QUEUE_VERB, { "\0", 1 } },
		{ WIRE_QUEUE_DO, TAG_QUEUE_VERB, { "\6", 1 } },
		{ WIRE_QUEUE_DO, TAG_QUEUE_VERB, { "", 0 } },
		{ WIRE_QUEUE_STATES, TAG_QUEUE_KEY, { "0123456789abcde", 15 } },
		{ WIRE_QUEUE_DOMAIN, TAG_QUEUE_VERB, { "\1", 1 } },
		{ WIRE_KEPT_GO, TAG_QUEUE_VERB, { "\1", 1 } },
	};
	struct queuectl_request in;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct str packet = { 0 };
		struct frame frame;

		frame_start(&packet, cases[i].kind, FRAME_OK, 1, 0);
		frame_add(&packet, cases[i].tag, cases[i].field);
		frame = parse(&packet);
		assert_false(queuectl_parse(&frame, &in));
		str_free(&packet);
	}
}

static void
answers(void **state)
{
	struct queuectl_state s = { .known = true,
		.channels = { { QUEUECTL_ACTIVE, -5 } } };
	struct queuectl_reason r = { 1, 77, 99, VIEW("later") };
	struct queuectl_answer a = { .result = QUEUECTL_DONE };
	struct str packet = { 0 };
	struct view rest;
	int i;

	(void)state;
	frame_start(&packet, WIRE_QUEUE_STATES, FRAME_OK, 1, 0);
	queuectl_add_state(&packet, &s);
	queuectl_add_reason(&packet, &r);
	frame_add(&packet, TAG_QUEUE_RESULT, VIEW("\7")); /* none that we know */
	queuectl_add_result(&packet, QUEUECTL_FAILED);
	queuectl_add_domain(&packet, VIEW("a.example"));
	rest = parse(&packet).fields;
	assert_int_equal(queuectl_next(&rest, &a), QUEUECTL_STATE);
	assert_true(a.state.known && !a.state.held);
	assert_int_equal(a.state.channels[0].place, QUEUECTL_ACTIVE);
	assert_int_equal(a.state.channels[0].at, -5);
	assert_int_equal(queuectl_next(&rest, &a), QUEUECTL_REASON);
	assert_true(a.reason.offset == 77 && a.reason.at == 99 && a.reason.channel == 1);
	assert_int_equal(queuectl_next(&rest, &a), QUEUECTL_RESULT);
	assert_int_equal(a.result, QUEUECTL_FAILED);
	assert_int_equal(queuectl_next(&rest, &a), QUEUECTL_DOMAIN);
	assert_true(view_equal(a.domain, VIEW("a.example")));
	assert_int_equal(queuectl_next(&rest, &a), QUEUECTL_END);
	/* Reasons never take the room of the states behind them. */
	for (i = 0; i < 5000; i++)
		queuectl_add_reason(&packet, &r);
	for (i = 0; i < QUEUECTL_KEYS; i++)
		queuectl_add_state(&packet, &s);
	assert_true(packet.len <= FRAME_MAX);
	str_free(&packet);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(requests),
		cmocka_unit_test(nonsense),
		cmocka_unit_test(answers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
