#include "wire/frame.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "lib/fd.h"
#include "os/os.h"

enum {
	AT_VERSION = 2,
	AT_KIND = 3,
	AT_ID = 4,
	AT_MS_LEFT = 8,
	AT_STATUS = 12,
	AT_FDS = 13,
	AT_ZERO = 14,
	FIELD_HEADER = 4,
	FIELD_MAX = 65535,
	MOST_FDS = 253, /* that the kernel lets a packet have */
};

static void
put_u16(char *at, uint16_t n)
{
	at[0] = (char)(n >> 8);
	at[1] = (char)(n & 0xff);
}

static void
put_u32(char *at, uint32_t n)
{
	put_u16(at, (uint16_t)(n >> 16));
	put_u16(at + 2, (uint16_t)(n & 0xffff));
}

static uint16_t
take_u16(const char *at)
{
	return (uint16_t)((unsigned char)at[0] << 8 | (unsigned char)at[1]);
}

static uint32_t
take_u32(const char *at)
{
	return (uint32_t)take_u16(at) << 16 | take_u16(at + 2);
}

void
frame_start(
    struct str *packet, uint8_t kind, uint8_t status, uint32_t id, uint32_t ms_left)
{
	char header[FRAME_HEADER] = { 'Q', 'F', FRAME_VERSION };

	header[AT_KIND] = (char)kind;
	header[AT_STATUS] = (char)status;
	put_u32(header + AT_ID, id);
	put_u32(header + AT_MS_LEFT, ms_left);
	str_set(packet, (struct view) { header, sizeof header });
}

/* What does not fit is not sent at all: frame_send() sees the length. */
static void
mark_too_long(struct str *packet)
{
	if (packet->len <= FRAME_MAX) {
		str_reserve(packet, FRAME_MAX + 1 - packet->len);
		memset(packet->at + packet->len, 0, FRAME_MAX + 2 - packet->len);
		packet->len = FRAME_MAX + 1;
	}
}

void
frame_add(struct str *packet, uint16_t tag, struct view octets)
{
	char header[FIELD_HEADER];

	if (octets.len > FIELD_MAX || packet->len > FRAME_MAX ||
	    octets.len + FIELD_HEADER > FRAME_MAX - packet->len) {
		mark_too_long(packet);
		return;
	}
	put_u16(header, tag);
	put_u16(header + 2, (uint16_t)octets.len);
	str_append(packet, (struct view) { header, sizeof header });
	str_append(packet, octets);
}

void
frame_add_u32(struct str *packet, uint16_t tag, uint32_t value)
{
	char octets[4];

	put_u32(octets, value);
	frame_add(packet, tag, (struct view) { octets, sizeof octets });
}

void
frame_stamp(struct str *packet, uint32_t id, uint32_t ms_left)
{
	if (packet->len < FRAME_HEADER)
		return;
	put_u32(packet->at + AT_ID, id);
	put_u32(packet->at + AT_MS_LEFT, ms_left);
}

static bool
fields_are_whole(struct view rest)
{
	uint16_t tag;
	struct view octets;

	while (frame_next(&rest, &tag, &octets))
		continue;
	return rest.len == 0;
}

bool
frame_parse(struct view packet, struct frame *out)
{
	struct frame frame = { 0 };
	size_t i;

	if (packet.len < FRAME_HEADER || packet.len > FRAME_MAX || packet.at[0] != 'Q' ||
	    packet.at[1] != 'F')
		return false;
	frame.version = (uint8_t)packet.at[AT_VERSION];
	frame.kind = (uint8_t)packet.at[AT_KIND];
	frame.id = take_u32(packet.at + AT_ID);
	frame.ms_left = take_u32(packet.at + AT_MS_LEFT);
	frame.status = (uint8_t)packet.at[AT_STATUS];
	frame.fd_count = (uint8_t)packet.at[AT_FDS];
	if (frame.fd_count > FRAME_FDS)
		return false;
	for (i = 0; i < FRAME_FDS; i++)
		frame.fds[i] = -1;
	if (frame.version == FRAME_VERSION) {
		frame.fields = view_from(packet, FRAME_HEADER);
		if (take_u16(packet.at + AT_ZERO) != 0 || !fields_are_whole(frame.fields))
			return false;
	}
	*out = frame;
	return true;
}

bool
frame_next(struct view *rest, uint16_t *tag, struct view *octets)
{
	size_t len;

	if (rest->len < FIELD_HEADER)
		return false;
	len = take_u16(rest->at + 2);
	if (len > rest->len - FIELD_HEADER)
		return false;
	*tag = take_u16(rest->at);
	*octets = view_first(view_from(*rest, FIELD_HEADER), len);
	*rest = view_from(*rest, FIELD_HEADER + len);
	return true;
}

bool
frame_find(const struct frame *frame, uint16_t tag, struct view *octets)
{
	struct view rest = frame->fields, value;
	uint16_t found;

	while (frame_next(&rest, &found, &value)) {
		if (found == tag) {
			*octets = value;
			return true;
		}
	}
	return false;
}

bool
frame_find_u32(const struct frame *frame, uint16_t tag, uint32_t *value)
{
	struct view octets;

	if (!frame_find(frame, tag, &octets) || octets.len != 4)
		return false;
	*value = take_u32(octets.at);
	return true;
}

/* Room for the descriptors of one packet, aligned as the kernel wants it. */
union control {
	struct cmsghdr align;
	char room[CMSG_SPACE(sizeof(int) * FRAME_FDS)];
};

static void
attach(struct msghdr *message, union control *control, const int *fds, size_t fd_count)
{
	struct cmsghdr *rights;

	memset(control, 0, sizeof *control);
	message->msg_control = control;
	message->msg_controllen = (socklen_t)CMSG_SPACE(sizeof(int) * fd_count);
	rights = CMSG_FIRSTHDR(message);
	rights->cmsg_level = SOL_SOCKET;
	rights->cmsg_type = SCM_RIGHTS;
	rights->cmsg_len = (socklen_t)CMSG_LEN(sizeof(int) * fd_count);
	memcpy(CMSG_DATA(rights), fds, sizeof(int) * fd_count);
}

int
frame_send(
    int fd, struct str *packet, const int *fds, size_t fd_count, struct deadline deadline)
{
	struct iovec octets = { packet->at, packet->len };
	struct msghdr message = { .msg_iov = &octets, .msg_iovlen = 1 };
	union control control;

	if (packet->len < FRAME_HEADER || packet->len > FRAME_MAX ||
	    fd_count > FRAME_FDS) {
		errno = EMSGSIZE;
		return -1;
	}
	packet->at[AT_FDS] = (char)fd_count;
	if (fd_count > 0)
		attach(&message, &control, fds, fd_count);
	while (sendmsg(fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT) < 0) {
		if (errno == EINTR)
			continue;
		if (errno != EAGAIN && errno != EWOULDBLOCK)
			return -1;
		if (fd_wait_writable(fd, deadline) < 0)
			return -1;
	}
	return 0;
}

/* As many descriptors as a packet can have: those that find no room the kernel closes, and a stranger's
 * are closed with care. */
union most_control {
	struct cmsghdr align;
	char room[CMSG_SPACE(sizeof(int) * MOST_FDS)];
};

/* Take the descriptors out of the control data: the kernel puts all of a packet into one message.
 * False: there were more than a frame has, and those are closed. */
static bool
take_descriptors(struct msghdr *message, struct frame *out)
{
	const struct cmsghdr *c = CMSG_FIRSTHDR(message);
	int fds[MOST_FDS];
	size_t i, count;

	out->fd_count = 0;
	if (!c || c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
		return true;
	count = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
	if (count > MOST_FDS) /* cannot be */
		count = MOST_FDS;
	memcpy(fds, CMSG_DATA(c), sizeof(int) * count);
	out->fd_count = count > FRAME_FDS ? FRAME_FDS : count;
	memcpy(out->fds, fds, sizeof(int) * out->fd_count);
	for (i = FRAME_FDS; i < count; i++)
		fd_close_passed(&fds[i]);
	return count <= FRAME_FDS;
}

/* One recvmsg.  1 with what came, 0 at EOF, -1 with errno; descriptors in `got` in any case. */
static int
receive_once(int fd, struct str *packet, struct frame *got, bool *cut)
{
	struct iovec octets;
	struct msghdr message = { .msg_iov = &octets, .msg_iovlen = 1 };
	union most_control control;
	ssize_t len;

	if (packet->at)
		os_wipe(packet->at, packet->len);
	str_clear(packet);
	str_reserve(packet, FRAME_MAX);
	octets = (struct iovec) { packet->at, FRAME_MAX };
	message.msg_control = &control;
	message.msg_controllen = sizeof control;
	len = recvmsg(fd, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	if (len < 0)
		return -1;
	packet->len = (size_t)len;
	packet->at[len] = '\0';
	*cut = !take_descriptors(&message, got) ||
	    (message.msg_flags & (MSG_TRUNC | MSG_CTRUNC));
	return len > 0;
}

int
frame_receive(int fd, struct str *packet, struct frame *out, struct deadline deadline)
{
	struct frame got = { 0 }, parsed;
	bool cut = false;
	int result;

	while ((result = receive_once(fd, packet, &got, &cut)) < 0) {
		if (errno == EINTR)
			continue;
		if (errno != EAGAIN && errno != EWOULDBLOCK)
			return -1;
		if (fd_wait_readable(fd, deadline) < 0)
			return -1;
	}
	if (result == 0 || cut || !frame_parse(str_view(packet), &parsed) ||
	    parsed.fd_count != got.fd_count) {
		frame_close_fds(&got);
		errno = EBADMSG;
		return result == 0 ? 0 : -1;
	}
	memcpy(parsed.fds, got.fds, sizeof(int) * got.fd_count);
	*out = parsed;
	return 1;
}

/* The room for the longest frame is mostly untouched: to write zeros there would cost its pages. */
void
frame_wipe(struct str *packet)
{
	if (packet->at)
		os_wipe(packet->at, packet->len);
	str_free(packet);
}

void
frame_close_fds(struct frame *frame)
{
	size_t i;

	for (i = 0; i < frame->fd_count && i < FRAME_FDS; i++)
		fd_close_passed(&frame->fds[i]);
}
