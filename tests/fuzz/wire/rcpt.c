/* Questions to and answers of qmail-rcpt, from the other side. */
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

#include "wire/rcpt.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool
is_printable(const struct str *reason)
{
	size_t i;

	for (i = 0; i < reason->len; i++)
		if (reason->at[i] < 0x20 || reason->at[i] > 0x7e)
			return false;
	return true;
}

static void
mailbox(const struct frame *frame)
{
	struct rcpt_mailbox_question question;
	struct str reason = { 0 }, packet = { 0 }, same = { 0 };
	enum rcpt_mailbox result, repeated;
	struct frame again;

	if (rcpt_mailbox_question(frame, &question) &&
	    (question.address.len > RCPT_ADDRESS_MAX || question.rules > RCPT_RULES_ALL))
		abort();
	if (rcpt_mailbox_answer(frame, &result, &reason)) {
		if (!is_printable(&reason))
			abort();
		rcpt_pack_mailbox(&packet, frame, result, str_text(&reason));
		if (!frame_parse(str_view(&packet), &again) ||
		    !rcpt_mailbox_answer(&again, &repeated, &same) ||
		    repeated != result || !view_equal(str_view(&same), str_view(&reason)))
			abort();
	}
	str_free(&reason);
	str_free(&packet);
	str_free(&same);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct frame frame, again;
	struct view address;
	struct str reason = { 0 }, packet = { 0 }, same = { 0 };
	enum rcpt_result result, repeated;

	if (!frame_parse((struct view) { (const char *)data, size }, &frame))
		return 0;
	if (rcpt_question(&frame, &address) && address.len > RCPT_ADDRESS_MAX)
		abort();
	if (rcpt_answer(&frame, &result, &reason)) {
		if (!is_printable(&reason))
			abort();
		rcpt_pack_answer(&packet, &frame, result, str_text(&reason));
		if (!frame_parse(str_view(&packet), &again) ||
		    !rcpt_answer(&again, &repeated, &same) || repeated != result ||
		    !view_equal(str_view(&same), str_view(&reason)))
			abort();
	}
	str_free(&reason);
	str_free(&packet);
	str_free(&same);
	mailbox(&frame);
	return 0;
}
