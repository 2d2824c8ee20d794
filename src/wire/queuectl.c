#include "wire/queuectl.h"

#include "lib/pack.h"
#include "wire/kinds.h"

enum {
	KNOWN = 1, /* flags of a state */
	HELD = 2,
	KEY_OCTETS = 16,
	STATE_OCTETS = 4 + 1 + 2 * (1 + 8), /* with its header, for one key */
	REASON_ROOM = FRAME_MAX - QUEUECTL_KEYS * STATE_OCTETS,
};

static void
add_field(struct str *packet, uint16_t tag, struct str *field)
{
	frame_add(packet, tag, str_view(field));
	str_free(field);
}

/* --- requests --------------------------------------------------------------------------------------------- */

void
queuectl_pack(struct str *packet, const struct queuectl_request *request)
{
	struct str field = { 0 };
	size_t i;

	frame_start(packet, request->kind, FRAME_OK, 0, 0);
	pack_add(&field, request->verb, 1);
	add_field(packet, TAG_QUEUE_VERB, &field);
	for (i = 0; i < request->count; i++) {
		pack_add(&field, request->keys[i].id, 8);
		pack_add(&field, (uint64_t)request->keys[i].birth, 8);
		add_field(packet, TAG_QUEUE_KEY, &field);
	}
	if (request->text.len > 0)
		frame_add(packet, TAG_QUEUE_TEXT, request->text);
	if (request->domain.len > 0)
		frame_add(packet, TAG_QUEUE_DOMAIN, request->domain);
}

static bool
take_key(struct view field, struct queuectl_request *out)
{
	struct queuectl_key *key = &out->keys[out->count];
	uint64_t birth;

	if (out->count == QUEUECTL_KEYS || field.len < KEY_OCTETS ||
	    !pack_take(&field, 8, &key->id) || !pack_take(&field, 8, &birth))
		return false;
	key->birth = (int64_t)birth;
	out->count++;
	return true;
}

static bool
take_field(uint16_t tag, struct view field, struct queuectl_request *out)
{
	uint64_t verb;

	switch (tag) {
	case TAG_QUEUE_VERB:
		if (!pack_take(&field, 1, &verb) || verb > QUEUECTL_VERBS)
			return false;
		out->verb = (unsigned)verb;
		return true;
	case TAG_QUEUE_KEY:
		return take_key(field, out);
	case TAG_QUEUE_TEXT:
		out->text = field;
		return field.len <= QUEUECTL_TEXT_MAX;
	case TAG_QUEUE_DOMAIN:
		out->domain = field;
		return field.len <= QUEUECTL_DOMAIN_MAX;
	default:
		return true;
	}
}

static bool
makes_sense(const struct queuectl_request *request)
{
	switch (request->kind) {
	case WIRE_QUEUE_STATES:
		return true;
	case WIRE_QUEUE_DO:
		return request->verb > 0;
	case WIRE_QUEUE_DOMAIN:
		return request->verb == 0 ||
		    (request->verb <= QUEUECTL_RELEASE && request->domain.len > 0);
	default:
		return false;
	}
}

bool
queuectl_parse(const struct frame *frame, struct queuectl_request *out)
{
	struct queuectl_request found = { .kind = frame->kind };
	struct view rest = frame->fields, field;
	uint16_t tag;

	while (frame_next(&rest, &tag, &field))
		if (!take_field(tag, field, &found))
			return false;
	if (!makes_sense(&found))
		return false;
	*out = found;
	return true;
}

/* --- answers ---------------------------------------------------------------------------------------------- */

void
queuectl_add_state(struct str *packet, const struct queuectl_state *state)
{
	struct str field = { 0 };
	int i;

	pack_add(&field, (state->known ? KNOWN : 0) | (state->held ? HELD : 0), 1);
	for (i = 0; i < QUEUECTL_CHANNELS; i++) {
		pack_add(&field, state->channels[i].place, 1);
		pack_add(&field, (uint64_t)state->channels[i].at, 8);
	}
	add_field(packet, TAG_QUEUE_STATE, &field);
}

void
queuectl_add_reason(struct str *packet, const struct queuectl_reason *reason)
{
	struct str field = { 0 };

	pack_add(&field, reason->channel, 1);
	pack_add(&field, reason->offset, 8);
	pack_add(&field, (uint64_t)reason->at, 8);
	str_append(&field, view_first(reason->text, QUEUECTL_TEXT_MAX));
	if (packet->len + field.len + 4 <= REASON_ROOM)
		frame_add(packet, TAG_QUEUE_REASON, str_view(&field));
	str_free(&field);
}

void
queuectl_add_result(struct str *packet, enum queuectl_result result)
{
	struct str field = { 0 };

	pack_add(&field, (uint64_t)result, 1);
	add_field(packet, TAG_QUEUE_RESULT, &field);
}

void
queuectl_add_domain(struct str *packet, struct view domain)
{
	if (packet->len + domain.len + 4 <= FRAME_MAX)
		frame_add(packet, TAG_QUEUE_DOMAIN, domain);
}

static bool
take_state(struct view field, struct queuectl_state *out)
{
	uint64_t flags, place, at;
	int i;

	if (!pack_take(&field, 1, &flags))
		return false;
	out->known = (flags & KNOWN) != 0;
	out->held = (flags & HELD) != 0;
	for (i = 0; i < QUEUECTL_CHANNELS; i++) {
		if (!pack_take(&field, 1, &place) || !pack_take(&field, 8, &at))
			return false;
		out->channels[i].place = (unsigned)place;
		out->channels[i].at = (int64_t)at;
	}
	return true;
}

static bool
take_reason(struct view field, struct queuectl_reason *out)
{
	uint64_t channel, at;

	if (!pack_take(&field, 1, &channel) || channel >= QUEUECTL_CHANNELS ||
	    !pack_take(&field, 8, &out->offset) || !pack_take(&field, 8, &at))
		return false;
	out->channel = (unsigned)channel;
	out->at = (int64_t)at;
	out->text = view_first(field, QUEUECTL_TEXT_MAX);
	return true;
}

static bool
take_result(struct view field, enum queuectl_result *out)
{
	uint64_t result;

	if (!pack_take(&field, 1, &result) || result > QUEUECTL_FAILED)
		return false;
	*out = (enum queuectl_result)result;
	return true;
}

enum queuectl_item
queuectl_next(struct view *rest, struct queuectl_answer *out)
{
	struct view field;
	uint16_t tag;

	while (frame_next(rest, &tag, &field))
		switch (tag) {
		case TAG_QUEUE_STATE:
			if (take_state(field, &out->state))
				return QUEUECTL_STATE;
			break;
		case TAG_QUEUE_REASON:
			if (take_reason(field, &out->reason))
				return QUEUECTL_REASON;
			break;
		case TAG_QUEUE_RESULT:
			if (take_result(field, &out->result))
				return QUEUECTL_RESULT;
			break;
		case TAG_QUEUE_DOMAIN:
			out->domain = view_first(field, QUEUECTL_DOMAIN_MAX);
			return QUEUECTL_DOMAIN;
		default:
			break;
		}
	return QUEUECTL_END;
}
