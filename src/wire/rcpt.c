#include "wire/rcpt.h"

#include "wire/kinds.h"

enum { REASON_MAX = 200 };

static const struct helper_name helper_name = { "rcpt", "qmail-rcpt", NULL };

void
rcpt_client_init(struct rcpt_client *c, int64_t timeout_ms)
{
	*c = (struct rcpt_client) { .timeout_ms = timeout_ms };
	helper_init(&c->helper);
}

void
rcpt_client_free(struct rcpt_client *c)
{
	helper_close(&c->helper);
	str_free(&c->reason);
}

bool
rcpt_question(const struct frame *request, struct view *address)
{
	struct view octets;

	if (!frame_find(request, TAG_RCPT_ADDRESS, &octets) ||
	    octets.len > RCPT_ADDRESS_MAX)
		return false;
	*address = octets;
	return true;
}

void
rcpt_pack_answer(struct str *packet, const struct frame *request, enum rcpt_result result,
    const char *reason)
{
	char octet = (char)result;

	frame_start(packet, WIRE_RCPT_ASK, FRAME_OK, request->id, 0);
	frame_add(packet, TAG_RCPT_RESULT, (struct view) { &octet, 1 });
	if (reason)
		frame_add(packet, TAG_REASON, view_of(reason));
}

static void
set_tame(struct str *out, struct view text)
{
	size_t i;

	str_clear(out);
	for (i = 0; i < text.len && i < REASON_MAX; i++)
		str_append_byte(
		    out, text.at[i] >= 0x20 && text.at[i] < 0x7f ? text.at[i] : '?');
}

bool
rcpt_answer(const struct frame *answer, enum rcpt_result *result, struct str *reason)
{
	struct view octets, text = VIEW("");

	if (answer->status != FRAME_OK || !frame_find(answer, TAG_RCPT_RESULT, &octets) ||
	    octets.len != 1 || (unsigned char)octets.at[0] > RCPT_UNKNOWN)
		return false;
	frame_find(answer, TAG_REASON, &text);
	*result = (enum rcpt_result)octets.at[0];
	set_tame(reason, text);
	return true;
}

enum rcpt_result
rcpt_ask(struct rcpt_client *c, struct view address)
{
	enum rcpt_result result = RCPT_UNKNOWN;
	struct str request = { 0 }, packet = { 0 };
	struct frame answer;

	frame_start(&request, WIRE_RCPT_ASK, 0, 0, 0);
	frame_add(&request, TAG_RCPT_ADDRESS, address);
	if (helper_call(&c->helper, &helper_name, &request, NULL, 0,
		deadline_in_ms(c->timeout_ms), &packet, &answer) < 0) {
		str_set(&c->reason, view_of(c->helper.reason));
	} else {
		if (!rcpt_answer(&answer, &result, &c->reason))
			str_set(&c->reason, VIEW("qmail-rcpt broke the protocol"));
		frame_close_fds(&answer);
	}
	str_free(&request);
	str_free(&packet);
	return result;
}
