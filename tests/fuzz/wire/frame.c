/* A frame from the other side, parsed and received: what is parsed is within the packet, and is
 * the same again when it is walked through. */
#include <stdint.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "wire/frame.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
walk(struct view packet, const struct frame *frame)
{
	struct view rest = frame->fields, octets;
	uint16_t tag;
	uint32_t value;

	while (frame_next(&rest, &tag, &octets)) {
		if (octets.at < packet.at ||
		    octets.at + octets.len > packet.at + packet.len ||
		    !frame_find(frame, tag, &octets))
			abort();
		frame_find_u32(frame, tag, &value);
	}
	if (rest.len > 0)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct view packet = { (const char *)data, size };
	struct str received = { 0 };
	struct frame frame;
	bool good = frame_parse(packet, &frame);
	int pair[2], result;

	if (good)
		walk(packet, &frame);
	if (size == 0 || socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair) < 0)
		return 0;
	if (send(pair[0], data, size, MSG_DONTWAIT) == (ssize_t)size) {
		result = frame_receive(pair[1], &received, &frame, deadline_in_ms(0));
		if (result != 1 && good && data[13] == 0)
			abort();
		if (result == 1)
			walk(str_view(&received), &frame);
	}
	close(pair[0]);
	close(pair[1]);
	str_free(&received);
	return 0;
}
