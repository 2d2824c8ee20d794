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

bool
rcpt_mailbox_question(const struct frame *request, struct rcpt_mailbox_question *out)
{
	struct rcpt_mailbox_question question = { .rules = 0 };
	struct view octets;

	if (!rcpt_question(request, &question.address))
		return false;
	if (frame_find(request, TAG_RCPT_RULES, &octets)) {
		if (octets.len != 1)
			return false;
		question.rules = (unsigned char)octets.at[0] & RCPT_RULES_ALL;
	}
	frame_find_u32(request, TAG_RCPT_PERCENT, &question.percent);
	*out = question;
	return true;
}

/* The answer to `request`, an octet under `tag`. */
static void
pack(struct str *packet, const struct frame *request, uint16_t tag, int result,
    const char *reason)
{
	char octet = (char)result;

	frame_start(packet, request->kind, FRAME_OK, request->id, 0);
	frame_add(packet, tag, (struct view) { &octet, 1 });
	if (reason)
		frame_add(packet, TAG_REASON, view_of(reason));
}

void
rcpt_pack_answer(struct str *packet, const struct frame *request, enum rcpt_result result,
    const char *reason)
{
	pack(packet, request, TAG_RCPT_RESULT, (int)result, reason);
}

void
rcpt_pack_mailbox(struct str *packet, const struct frame *request,
    enum rcpt_mailbox result, const char *reason)
{
	pack(packet, request, TAG_RCPT_MAILBOX, (int)result, reason);
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

/* The octet under `tag`, `most` at most, or -1. */
static int
take(const struct frame *answer, uint16_t tag, int most, struct str *reason)
{
	struct view octets, text = VIEW("");

	if (answer->status != FRAME_OK || !frame_find(answer, tag, &octets) ||
	    octets.len != 1 || (unsigned char)octets.at[0] > most)
		return -1;
	frame_find(answer, TAG_REASON, &text);
	set_tame(reason, text);
	return (unsigned char)octets.at[0];
}

bool
rcpt_answer(const struct frame *answer, enum rcpt_result *result, struct str *reason)
{
	int octet = take(answer, TAG_RCPT_RESULT, RCPT_UNKNOWN, reason);

	if (octet >= 0)
		*result = (enum rcpt_result)octet;
	return octet >= 0;
}

bool
rcpt_mailbox_answer(
    const struct frame *answer, enum rcpt_mailbox *result, struct str *reason)
{
	int octet = take(answer, TAG_RCPT_MAILBOX, RCPT_MAILBOX_UNKNOWN, reason);

	if (octet >= 0)
		*result = (enum rcpt_mailbox)octet;
	return octet >= 0;
}

/* Send `request`, which is freed.  False if there is no answer, with c->reason saying why. */
static bool
call(struct rcpt_client *c, struct str *request, struct str *packet, struct frame *answer)
{
	int result = helper_call(&c->helper, &helper_name, request, NULL, 0,
	    deadline_in_ms(c->timeout_ms), packet, answer);

	str_free(request);
	if (result < 0)
		str_set(&c->reason, view_of(c->helper.reason));
	else
		frame_close_fds(answer);
	return result >= 0;
}

static void
note_nonsense(struct rcpt_client *c)
{
	str_set(&c->reason, VIEW("qmail-rcpt broke the protocol"));
}

enum rcpt_result
rcpt_ask(struct rcpt_client *c, struct view address)
{
	enum rcpt_result result = RCPT_UNKNOWN;
	struct str request = { 0 }, packet = { 0 };
	struct frame answer;

	frame_start(&request, WIRE_RCPT_ASK, 0, 0, 0);
	frame_add(&request, TAG_RCPT_ADDRESS, address);
	if (call(c, &request, &packet, &answer) &&
	    !rcpt_answer(&answer, &result, &c->reason))
		note_nonsense(c);
	str_free(&packet);
	return result;
}

enum rcpt_mailbox
rcpt_ask_mailbox(struct rcpt_client *c, const struct rcpt_mailbox_question *question)
{
	enum rcpt_mailbox result = RCPT_MAILBOX_UNKNOWN;
	struct str request = { 0 }, packet = { 0 };
	char rules = (char)question->rules;
	struct frame answer;

	frame_start(&request, WIRE_RCPT_MAILBOX, 0, 0, 0);
	frame_add(&request, TAG_RCPT_ADDRESS, question->address);
	frame_add(&request, TAG_RCPT_RULES, (struct view) { &rules, 1 });
	frame_add_u32(&request, TAG_RCPT_PERCENT, question->percent);
	if (call(c, &request, &packet, &answer) &&
	    !rcpt_mailbox_answer(&answer, &result, &c->reason))
		note_nonsense(c);
	str_free(&packet);
	return result;
}
