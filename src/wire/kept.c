#include "wire/kept.h"

#include <string.h>

#include "wire/kinds.h"

static void
add_flag(struct str *packet, uint16_t tag, bool set)
{
	if (set)
		frame_add(packet, tag, VIEW(""));
}

static bool
has_flag(const struct frame *frame, uint16_t tag)
{
	struct view ignored;

	return frame_find(frame, tag, &ignored);
}

void
kept_pack_delivery(struct str *packet, const struct kept_delivery *d)
{
	size_t i;

	frame_start(packet, WIRE_KEPT_DELIVER, FRAME_OK, 0, 0);
	add_flag(packet, TAG_KEPT_OFFER, d->offer);
	frame_add(packet, TAG_KEPT_SALT, d->salt);
	frame_add(packet, TAG_KEPT_HOST, d->host);
	frame_add(packet, TAG_KEPT_SENDER, d->sender);
	for (i = 0; i < d->recipient_count; i++)
		frame_add(packet, TAG_KEPT_RECIPIENT, d->recipients[i]);
}

bool
kept_delivery(const struct frame *frame, struct kept_delivery *out)
{
	struct kept_delivery d = { .offer = has_flag(frame, TAG_KEPT_OFFER) };
	struct view rest = frame->fields, octets;
	uint16_t tag;

	if (frame->kind != WIRE_KEPT_DELIVER || frame->fd_count != 1 ||
	    !frame_find(frame, TAG_KEPT_SALT, &d.salt) || d.salt.len != KEPT_SALT ||
	    !frame_find(frame, TAG_KEPT_HOST, &d.host) ||
	    !frame_find(frame, TAG_KEPT_SENDER, &d.sender))
		return false;
	while (frame_next(&rest, &tag, &octets)) {
		if (tag != TAG_KEPT_RECIPIENT)
			continue;
		if (d.recipient_count == KEPT_RECIPIENTS_MAX)
			return false;
		d.recipients[d.recipient_count++] = octets;
	}
	if (d.recipient_count == 0)
		return false;
	*out = d;
	return true;
}

void
kept_pack_plan(struct str *packet, const struct kept_plan *plan)
{
	frame_start(packet, WIRE_KEPT_PLAN, FRAME_OK, 0, 0);
	add_flag(packet, TAG_KEPT_CONNECTED, plan->connected);
	add_flag(packet, TAG_KEPT_RELAYED, plan->relayed);
	frame_add(packet, TAG_KEPT_ROUTE, plan->route);
	frame_add(packet, TAG_KEPT_DESTINATION, plan->destination);
	if (plan->connections > 0)
		frame_add_u32(packet, TAG_KEPT_CONNECTIONS, plan->connections);
}

bool
kept_plan(const struct frame *frame, struct kept_plan *out)
{
	struct kept_plan plan = {
		.connected = has_flag(frame, TAG_KEPT_CONNECTED),
		.relayed = has_flag(frame, TAG_KEPT_RELAYED),
	};

	if (frame->kind != WIRE_KEPT_PLAN ||
	    !frame_find(frame, TAG_KEPT_ROUTE, &plan.route) ||
	    plan.route.len != KEPT_ROUTE ||
	    !frame_find(frame, TAG_KEPT_DESTINATION, &plan.destination))
		return false;
	if (!frame_find_u32(frame, TAG_KEPT_CONNECTIONS, &plan.connections))
		plan.connections = 0;
	*out = plan;
	return true;
}

void
kept_pack_report(struct str *packet, uint32_t index, struct view output)
{
	frame_start(packet, WIRE_KEPT_REPORT, FRAME_OK, 0, 0);
	frame_add_u32(packet, TAG_KEPT_INDEX, index);
	frame_add(packet, TAG_KEPT_OUTPUT, output);
}

void
kept_pack_return(struct str *packet, uint32_t index)
{
	frame_start(packet, WIRE_KEPT_REPORT, FRAME_LATER, 0, 0);
	frame_add_u32(packet, TAG_KEPT_INDEX, index);
}

/* The first cannot go back: that would be for ever. */
bool
kept_report(
    const struct frame *frame, uint32_t *index, bool *returned, struct view *output)
{
	bool back = frame->status == FRAME_LATER;
	struct view octets = { 0 };
	uint32_t number;

	if (frame->kind != WIRE_KEPT_REPORT ||
	    !frame_find_u32(frame, TAG_KEPT_INDEX, &number) ||
	    number >= KEPT_RECIPIENTS_MAX || (back && number == 0) ||
	    (!back && !frame_find(frame, TAG_KEPT_OUTPUT, &octets)))
		return false;
	*index = number;
	*returned = back;
	*output = octets;
	return true;
}

void
kept_pack_end(struct str *packet, const struct kept_end *end)
{
	frame_start(packet, WIRE_KEPT_END, FRAME_OK, 0, 0);
	add_flag(packet, TAG_KEPT_OPEN, end->open);
	add_flag(packet, TAG_KEPT_CROWDED, end->crowded);
	if (end->rcpt_max > 0)
		frame_add_u32(packet, TAG_KEPT_RCPTMAX, end->rcpt_max);
	frame_add_u32(packet, TAG_KEPT_MESSAGES, end->messages);
	frame_add_u32(packet, TAG_KEPT_AGE, end->age_ms);
}

bool
kept_end(const struct frame *frame, struct kept_end *out)
{
	struct kept_end end = {
		.open = has_flag(frame, TAG_KEPT_OPEN),
		.crowded = has_flag(frame, TAG_KEPT_CROWDED),
	};

	frame_find_u32(frame, TAG_KEPT_RCPTMAX, &end.rcpt_max);
	if (frame->kind != WIRE_KEPT_END ||
	    !frame_find_u32(frame, TAG_KEPT_MESSAGES, &end.messages) ||
	    !frame_find_u32(frame, TAG_KEPT_AGE, &end.age_ms))
		return false;
	*out = end;
	return true;
}

void
kept_pack_who(struct str *packet)
{
	frame_start(packet, WIRE_KEPT_WHO, FRAME_OK, 0, 0);
}

/* Both sides are on one host: the octets are as they are in memory. */
void
kept_pack_self(struct str *packet, const struct kept_file *file)
{
	frame_start(packet, WIRE_KEPT_SELF, file ? FRAME_OK : FRAME_NO, 0, 0);
	if (file)
		frame_add(packet, TAG_KEPT_FILE,
		    (struct view) { (const char *)file, sizeof *file });
}

bool
kept_self(const struct frame *frame, struct kept_file *out)
{
	struct view octets;

	if (frame->kind != WIRE_KEPT_SELF || frame->status != FRAME_OK ||
	    frame->fd_count != 0 || !frame_find(frame, TAG_KEPT_FILE, &octets) ||
	    octets.len != sizeof *out)
		return false;
	memcpy(out, octets.at, sizeof *out);
	return true;
}
