/* A connection to a helper, from a hostile caller: packets of any octets, each with its length in two octets
 * before it.  What is answered are frames, one to each request at most, with its id and without
 * descriptors. */
#include "fuzz/fuzz.h"

#include "lib/pack.h"
#include "wire/kinds.h"
#include "wire/serve.h"

enum { PACKETS_MAX = 64, KNOWN_KIND = 0x42 };

static bool
handle(void *context, struct frame *request, struct str *answer)
{
	size_t *asked = context;

	if (request->kind != KNOWN_KIND)
		return false;
	++*asked;
	frame_start(answer, request->kind, FRAME_NO, request->id, 0);
	return true;
}

/* Up to the first that is no frame: the connection ends there.  How many there were before it. */
static size_t
send_packets(int fd, struct view rest, uint32_t ids[PACKETS_MAX])
{
	struct frame frame;
	struct view packet;
	uint64_t len;
	size_t frames = 0, sent;

	for (sent = 0; sent < PACKETS_MAX && pack_take(&rest, 2, &len); sent++) {
		packet = view_first(rest, (size_t)len);
		rest = view_from(rest, packet.len);
		if (packet.len == 0 || packet.len > FRAME_MAX)
			break;
		if (send(fd, packet.at, packet.len, MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
			break;
		if (!frame_parse(packet, &frame) || frame.fd_count > 0)
			break;
		ids[frames++] = frame.id;
	}
	return frames;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str packet = { 0 };
	uint32_t ids[PACKETS_MAX];
	size_t asked = 0, frames, i;
	struct frame answer;
	int ends[2];

	claim(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) == 0);
	frames = send_packets(ends[1], (struct view) { (const char *)data, size }, ids);
	claim(shutdown(ends[1], SHUT_WR) == 0);
	serve_connection(ends[0], handle, &asked);
	close(ends[0]);
	claim(asked <= frames);
	for (i = 0; i < frames; i++)
		claim(frame_receive(ends[1], &packet, &answer, deadline_in_ms(0)) == 1 &&
		    answer.id == ids[i] && answer.fd_count == 0);
	claim(frame_receive(ends[1], &packet, &answer, deadline_in_ms(0)) != 1);
	close(ends[1]);
	str_free(&packet);
	return 0;
}
