/* kept: the frames between qmail-rspawn and a kept qmail-remote, there and back, and broken. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "wire/kept.h"
#include "wire/kinds.h"

static const char octets[KEPT_SALT] = "0123456789abcdef0123456789abcde";

/* As it would be received, with `fds` descriptors. */
static struct frame
parse(const struct str *packet, size_t fds)
{
	struct frame frame;

	assert_true(frame_parse(str_view(packet), &frame));
	frame.fd_count = fds;
	return frame;
}

static void
deliveries(void **state)
{
	struct kept_delivery d = {
		.offer = true,
		.salt = { octets, sizeof octets },
		.host = VIEW("b.example"),
		.sender = VIEW(""),
		.recipients = { VIEW("x@b.example"), VIEW("y@b.example") },
		.recipient_count = 2,
	};
	struct kept_delivery got;
	struct str packet = { 0 };
	struct frame frame;

	(void)state;
	kept_pack_delivery(&packet, &d);
	frame = parse(&packet, 1);
	assert_true(kept_delivery(&frame, &got));
	assert_true(got.offer);
	assert_int_equal(got.recipient_count, 2);
	assert_true(view_equal(got.recipients[1], d.recipients[1]));
	assert_true(view_equal(got.host, d.host));
	assert_int_equal(got.sender.len, 0);
	frame = parse(&packet, 0);
	assert_false(kept_delivery(&frame, &got)); /* no message */
	d.recipient_count = 0;
	kept_pack_delivery(&packet, &d);
	frame = parse(&packet, 1);
	assert_false(kept_delivery(&frame, &got));
	d.recipient_count = 1;
	d.salt.len--;
	kept_pack_delivery(&packet, &d);
	frame = parse(&packet, 1);
	assert_false(kept_delivery(&frame, &got));
	str_free(&packet);
}

static void
too_many_recipients(void **state)
{
	struct kept_delivery d = { .salt = { octets, sizeof octets } }, got;
	struct str packet = { 0 };
	struct frame frame;
	int i;

	(void)state;
	kept_pack_delivery(&packet, &d);
	for (i = 0; i < KEPT_RECIPIENTS_MAX; i++)
		frame_add(&packet, TAG_KEPT_RECIPIENT, VIEW("x@y"));
	frame = parse(&packet, 1);
	assert_true(kept_delivery(&frame, &got));
	frame_add(&packet, TAG_KEPT_RECIPIENT, VIEW("x@y"));
	frame = parse(&packet, 1);
	assert_false(kept_delivery(&frame, &got));
	str_free(&packet);
}

static void
answers(void **state)
{
	struct kept_plan plan = { true, false, { octets, KEPT_ROUTE }, VIEW("relay"), 3 },
			 got_plan;
	struct kept_end end = { .open = true, .messages = 7, .age_ms = 70000 }, got_end;
	struct str packet = { 0 };
	struct frame frame;
	struct view output;
	uint32_t index;
	bool returned;

	(void)state;
	kept_pack_plan(&packet, &plan);
	frame = parse(&packet, 0);
	assert_true(kept_plan(&frame, &got_plan));
	assert_true(got_plan.connected && !got_plan.relayed);
	assert_true(view_equal(got_plan.destination, plan.destination));
	assert_int_equal(got_plan.connections, 3);
	plan.connections = 0;
	kept_pack_plan(&packet, &plan);
	frame = parse(&packet, 0);
	assert_true(kept_plan(&frame, &got_plan));
	assert_int_equal(got_plan.connections, 0);
	assert_false(kept_end(&frame, &got_end));
	plan.route.len = 1;
	kept_pack_plan(&packet, &plan);
	frame = parse(&packet, 0);
	assert_false(kept_plan(&frame, &got_plan));
	kept_pack_report(&packet, 3, VIEW("r\0Kyes\n\0"));
	frame = parse(&packet, 0);
	assert_true(kept_report(&frame, &index, &returned, &output));
	assert_int_equal(index, 3);
	assert_false(returned);
	assert_true(view_equal(output, VIEW("r\0Kyes\n\0")));
	kept_pack_report(&packet, KEPT_RECIPIENTS_MAX, VIEW("r\0Kyes\n\0"));
	frame = parse(&packet, 0);
	assert_false(kept_report(&frame, &index, &returned, &output));
	kept_pack_end(&packet, &end);
	frame = parse(&packet, 0);
	assert_true(kept_end(&frame, &got_end));
	assert_true(got_end.open);
	assert_int_equal(got_end.messages, 7);
	assert_int_equal(got_end.age_ms, 70000);
	assert_false(got_end.crowded);
	assert_int_equal(got_end.rcpt_max, 0);
	str_free(&packet);
}

/* Rows 13 and 19: what the server takes at a time. */
static void
what_a_server_takes(void **state)
{
	struct kept_end end = { .crowded = true, .rcpt_max = 3 }, got_end;
	struct str packet = { 0 };
	struct frame frame;
	struct view output;
	uint32_t index;
	bool returned;

	(void)state;
	kept_pack_end(&packet, &end);
	frame = parse(&packet, 0);
	assert_true(kept_end(&frame, &got_end));
	assert_true(got_end.crowded && !got_end.open);
	assert_int_equal(got_end.rcpt_max, 3);
	kept_pack_return(&packet, 3);
	frame = parse(&packet, 0);
	assert_true(kept_report(&frame, &index, &returned, &output));
	assert_true(returned);
	assert_int_equal(index, 3);
	kept_pack_return(&packet, 0); /* it would come back for ever */
	frame = parse(&packet, 0);
	assert_false(kept_report(&frame, &index, &returned, &output));
	str_free(&packet);
}

static void
files(void **state)
{
	struct kept_file file = { 1, 0x100000002 }, got = { 0 };
	struct str packet = { 0 };
	struct frame frame;

	(void)state;
	kept_pack_who(&packet);
	frame = parse(&packet, 0);
	assert_int_equal(frame.kind, WIRE_KEPT_WHO);
	assert_false(kept_self(&frame, &got));
	kept_pack_self(&packet, &file);
	frame = parse(&packet, 0);
	assert_true(kept_self(&frame, &got));
	assert_memory_equal(&got, &file, sizeof file);
	frame = parse(&packet, 1);
	assert_false(kept_self(&frame, &got));
	kept_pack_self(&packet, NULL);
	frame = parse(&packet, 0);
	assert_false(kept_self(&frame, &got));
	str_free(&packet);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(deliveries),
		cmocka_unit_test(files),
		cmocka_unit_test(too_many_recipients),
		cmocka_unit_test(answers),
		cmocka_unit_test(what_a_server_takes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
