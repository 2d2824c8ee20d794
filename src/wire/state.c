#include "wire/state.h"

#include "lib/hash.h"
#include "lib/pack.h"
#include "wire/kinds.h"

enum { HASHED_MARK = 0xff }; /* in front of a hash that stands for a long key */

static const struct helper_name state_helper = { "state", "qmail-state", NULL };

void
state_init(struct state *s)
{
	*s = (struct state) { .reason = "nothing was asked" };
	helper_init(&s->helper);
}

void
state_close(struct state *s)
{
	helper_close(&s->helper);
}

static struct view
hashed(struct view key, struct str *room)
{
	unsigned char digest[SHA256_LEN];
	struct hash h;

	hash_start(&h, HASH_SHA256);
	hash_add(&h, key);
	hash_finish(&h, digest);
	str_clear(room);
	str_append_byte(room, (char)HASHED_MARK);
	str_append(room, (struct view) { (const char *)digest, sizeof digest });
	return str_view(room);
}

static void
add_op(struct str *packet, const struct state_op *op)
{
	struct state_op short_op = *op;
	struct str room = { 0 };

	if (op->key.len > STATE_KEY_MAX)
		short_op.key = hashed(op->key, &room);
	short_op.value = view_first(op->value, STATE_VALUE_MAX);
	stateop_add(packet, &short_op);
	str_free(&room);
}

/* What the answer is worth: 0, or -1 with the reason. */
static int
judge(struct state *s, const struct frame *answer, struct state_result *out, size_t count)
{
	switch (answer->status) {
	case FRAME_OK:
		if (stateop_results(answer, out, count))
			return 0;
		s->reason = "qmail-state broke the protocol";
		break;
	case FRAME_NO:
		s->reason = "qmail-state does not answer us";
		break;
	case FRAME_LATER:
		s->reason = "the store cannot be used";
		break;
	default:
		s->reason = "qmail-state does not understand";
		break;
	}
	return -1;
}

int
state_ask(struct state *s, const struct state_op *ops, size_t count,
    struct deadline deadline, struct state_result *out)
{
	struct state_result results[STATE_OPS_MAX];
	struct str packet = { 0 }, answer_packet = { 0 };
	struct frame answer;
	int result = -1;
	size_t i;

	if (count == 0 || count > STATE_OPS_MAX) {
		s->reason = "too many questions at once";
		return -1;
	}
	frame_start(&packet, WIRE_STATE_DO, FRAME_OK, 0, 0);
	for (i = 0; i < count; i++)
		add_op(&packet, &ops[i]);
	if (helper_call(&s->helper, &state_helper, &packet, NULL, 0, deadline,
		&answer_packet, &answer) < 0) {
		s->reason = s->helper.reason;
	} else {
		result = judge(s, &answer, results, count);
		frame_close_fds(&answer);
	}
	for (i = 0; result == 0 && i < count; i++)
		out[i] = results[i];
	str_free(&packet);
	str_free(&answer_packet);
	return result;
}

void
state_key_add(struct str *key, struct view part)
{
	pack_add(key, part.len, 4);
	str_append(key, part);
}
