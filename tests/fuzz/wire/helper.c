/* What a hostile helper answers to a program that asks it: an octet that chooses what qmail-state is asked, then packets of any octets, each with its length in two
 * octets before it.  The call succeeds only with a whole frame of the id that was asked for, and holds
 * no descriptor when it fails. */
#include "fuzz/fuzz.h"

#include "lib/pack.h"
#include "wire/helper.h"
#include "wire/state.h"

enum { PACKETS_MAX = 64, ASKED_KIND = 0x42, DEADLINE_MS = 50 };

static void
send_packets(int fd, struct view rest)
{
	struct view packet;
	uint64_t len;
	size_t sent;

	for (sent = 0; sent < PACKETS_MAX && pack_take(&rest, 2, &len); sent++) {
		packet = view_first(rest, (size_t)len);
		rest = view_from(rest, packet.len);
		if (packet.len == 0 ||
		    send(fd, packet.at, packet.len, MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
			break;
	}
	claim(shutdown(fd, SHUT_WR) == 0);
}

/* A helper that has been reached, and has answered before it is asked. */
static void
reach(struct helper *h, struct view packets)
{
	int ends[2];

	claim(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) == 0);
	send_packets(ends[1], packets);
	helper_init(h);
	h->fd = ends[0];
	h->resident = true;
	close(dup2(ends[1], 200)); /* its end stays open until we have asked */
	close(ends[1]);
}

static void
call(struct view packets)
{
	static const struct helper_name name = { "none", NULL, NULL };
	struct str packet = { 0 }, received = { 0 };
	struct frame answer;
	struct helper h;

	reach(&h, packets);
	frame_start(&packet, ASKED_KIND, FRAME_OK, 0, 0);
	if (helper_call(&h, &name, &packet, NULL, 0, deadline_in_ms(DEADLINE_MS),
		&received, &answer) == 0) {
		claim(answer.kind == ASKED_KIND && answer.version == FRAME_VERSION);
		frame_close_fds(&answer);
	} else {
		claim(h.fd == -1 && h.reason != NULL);
	}
	helper_close(&h);
	str_free(&packet);
	str_free(&received);
}

static const struct state_op ops[] = {
	{ .verb = STATE_READ, .space = 1, .key = { "key", 3 } },
	{ .verb = STATE_SET,
	    .space = 1,
	    .key = { "key", 3 },
	    .keep = 60,
	    .value = { "value", 5 } },
	{ .verb = STATE_FORGET, .space = 1, .key = { "key", 3 } },
	{ .verb = STATE_SEEN,
	    .space = 1,
	    .key = { "key", 3 },
	    .amount = 60,
	    .window = 1,
	    .keep = 2 },
	{ .verb = STATE_HOLD,
	    .space = 1,
	    .key = { "key", 3 },
	    .limit = 2,
	    .keep = 60,
	    .holder = 7 },
	{ .verb = STATE_DROP, .space = 1, .key = { "key", 3 }, .holder = 7 },
	{ .verb = STATE_COUNT,
	    .space = 1,
	    .key = { "key", 3 },
	    .amount = 1,
	    .limit = 2,
	    .window = 60 },
};

/* The same to whoever wants to know what qmail-state remembers. */
static void
remember(struct view packets, uint8_t choice)
{
	struct state_result result = { .count = 12345 };
	struct state state;

	state_init(&state);
	reach(&state.helper, packets);
	if (state_ask(&state, &ops[choice % (sizeof ops / sizeof *ops)], 1,
		deadline_in_ms(DEADLINE_MS), &result) < 0)
		claim(result.count == 12345 && state.reason != NULL);
	state_close(&state);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static bool ready;
	struct view packets = { (const char *)data, size };
	uint8_t choice;

	if (!ready)
		fuzz_enter_directory();
	ready = true;
	choice = fuzz_choice(&packets);
	call(packets);
	remember(packets, choice);
	return 0;
}
