/* What qmail-rspawn and a kept qmail-remote hear from each other: both sides. */
#include <stdint.h>
#include <stdlib.h>

#include "wire/kept.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What was understood is said again, and must be understood as the same. */
static struct frame
parse_again(const struct str *packet)
{
	struct frame frame;

	if (!frame_parse(str_view(packet), &frame))
		abort();
	return frame;
}

static void
check_delivery(struct frame *frame)
{
	static struct kept_delivery d, same; /* large */
	struct str packet = { 0 };
	struct frame again;
	size_t i;

	frame->fd_count = 1;
	if (!kept_delivery(frame, &d))
		return;
	if (d.recipient_count == 0 || d.recipient_count > KEPT_RECIPIENTS_MAX)
		abort();
	kept_pack_delivery(&packet, &d);
	again = parse_again(&packet);
	again.fd_count = 1;
	if (!kept_delivery(&again, &same) || same.offer != d.offer ||
	    same.recipient_count != d.recipient_count || !view_equal(same.host, d.host) ||
	    !view_equal(same.sender, d.sender))
		abort();
	for (i = 0; i < d.recipient_count; i++)
		if (!view_equal(same.recipients[i], d.recipients[i]))
			abort();
	str_free(&packet);
}

static void
check_answers(const struct frame *frame)
{
	struct kept_plan plan, same_plan;
	struct kept_end end, same_end;
	struct view output, same_output;
	struct str packet = { 0 };
	struct frame again;
	uint32_t index, same_index;
	bool back, same_back;

	if (kept_plan(frame, &plan)) {
		kept_pack_plan(&packet, &plan);
		again = parse_again(&packet);
		if (!kept_plan(&again, &same_plan) ||
		    same_plan.connected != plan.connected ||
		    !view_equal(same_plan.destination, plan.destination))
			abort();
	}
	if (kept_report(frame, &index, &back, &output)) {
		if (back)
			kept_pack_return(&packet, index);
		else
			kept_pack_report(&packet, index, output);
		again = parse_again(&packet);
		if (!kept_report(&again, &same_index, &same_back, &same_output) ||
		    same_index != index || same_back != back ||
		    !view_equal(same_output, output))
			abort();
	}
	if (kept_end(frame, &end)) {
		kept_pack_end(&packet, &end);
		again = parse_again(&packet);
		if (!kept_end(&again, &same_end) || same_end.open != end.open ||
		    same_end.crowded != end.crowded ||
		    same_end.rcpt_max != end.rcpt_max ||
		    same_end.messages != end.messages || same_end.age_ms != end.age_ms)
			abort();
	}
	str_free(&packet);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct frame frame;

	if (!frame_parse((struct view) { (const char *)data, size }, &frame))
		return 0;
	check_answers(&frame);
	check_delivery(&frame);
	return 0;
}
