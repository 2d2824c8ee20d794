/* wire/frame: the bytes of DESIGN 9, and what a hostile peer can send. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "lib/fd.h"
#include "wire/frame.h"

#define BYTES(literal)                          \
	{                                       \
		"" literal, sizeof(literal) - 1 \
	}

static size_t
open_descriptors(void)
{
	DIR *dir = opendir("/proc/self/fd");
	size_t count = 0;

	while (readdir(dir))
		count++;
	closedir(dir);
	return count;
}

static void
test_bytes(void **state)
{
	static const char expected[] = "QF\1\x20\x01\x02\x03\x04\0\0\x07\xd0\0\0\0\0"
				       "\0\x20\0\3abc\0\x25\0\4\x12\x34\x56\x78";
	struct str packet = { 0 };

	(void)state;
	frame_start(&packet, 0x20, FRAME_OK, 0x01020304, 2000);
	frame_add(&packet, 0x20, VIEW("abc"));
	frame_add_u32(&packet, 0x25, 0x12345678);
	assert_int_equal(packet.len, sizeof expected - 1);
	assert_memory_equal(packet.at, expected, packet.len);
	frame_stamp(&packet, 9, 10);
	assert_memory_equal(packet.at + 4, "\0\0\0\x09\0\0\0\x0a", 8);
	str_free(&packet);
}

#define HEAD "QF\1\1\0\0\0\1\0\0\0\0\0"

static const struct parse_case {
	const char *name;
	struct view packet;
	bool good;
} parse_cases[] = {
	{ "header only", BYTES(HEAD "\0\0\0"), true },
	{ "empty", BYTES(""), false },
	{ "header cut", BYTES(HEAD "\0\0"), false },
	{ "wrong magic", BYTES("QG\1\1\0\0\0\1\0\0\0\0\0\0\0\0"), false },
	{ "four descriptors", BYTES(HEAD "\4\0\0"), true },
	{ "five descriptors", BYTES(HEAD "\5\0\0"), false },
	{ "not zero", BYTES(HEAD "\0\0\1"), false },
	{ "an empty field", BYTES(HEAD "\0\0\0\0\1\0\0"), true },
	{ "a field", BYTES(HEAD "\0\0\0\0\1\0\1x"), true },
	{ "a field cut in its header", BYTES(HEAD "\0\0\0\0\1\0"), false },
	{ "a field cut in its octets", BYTES(HEAD "\0\0\0\0\1\0\2x"), false },
	{ "a field longer than everything", BYTES(HEAD "\0\0\0\0\1\xff\xffx"), false },
	{ "another version: its fields are its own",
	    BYTES("QF\2\1\0\0\0\1\0\0\0\0\0\0\1\1zz"), true },
};

static void
test_parse(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof parse_cases / sizeof parse_cases[0]; i++) {
		struct frame frame;

		if (frame_parse(parse_cases[i].packet, &frame) != parse_cases[i].good)
			fail_msg("%s", parse_cases[i].name);
	}
}

static void
test_find(void **state)
{
	struct view packet = VIEW(HEAD "\0\0\0\0\1\0\1x\0\2\0\4\0\0\1\0\0\1\0\1y");
	struct frame frame;
	struct view octets;
	uint32_t value;

	(void)state;
	assert_true(frame_parse(packet, &frame));
	assert_true(frame_find(&frame, 1, &octets));
	assert_true(view_equal(octets, VIEW("x")));
	assert_true(frame_find_u32(&frame, 2, &value));
	assert_int_equal(value, 256);
	assert_false(frame_find_u32(&frame, 1, &value));
	assert_false(frame_find(&frame, 3, &octets));
}

static void
test_too_long(void **state)
{
	struct str packet = { 0 }, big = { 0 };
	int pair[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair), 0);
	while (big.len < 65536 - FRAME_HEADER - 4)
		str_append_byte(&big, 'x');
	frame_start(&packet, 1, FRAME_OK, 1, 0);
	frame_add(&packet, 1, str_view(&big));
	assert_int_equal(packet.len, FRAME_MAX);
	assert_int_equal(frame_send(pair[0], &packet, NULL, 0, deadline_in(10)), 0);
	frame_add(&packet, 1, VIEW(""));
	frame_add(&packet, 1, VIEW("more"));
	assert_int_equal(frame_send(pair[0], &packet, NULL, 0, deadline_in(10)), -1);
	assert_int_equal(errno, EMSGSIZE);
	while (big.len < 65536)
		str_append_byte(&big, 'x');
	frame_start(&packet, 1, FRAME_OK, 1, 0);
	frame_add(&packet, 1, str_view(&big));
	assert_int_equal(frame_send(pair[0], &packet, NULL, 0, deadline_in(10)), -1);
	assert_int_equal(errno, EMSGSIZE);
	close(pair[0]);
	close(pair[1]);
	str_free(&packet);
	str_free(&big);
}

/* What a peer may send: octets, `said` descriptors in the header, `sent` in truth. */
static const struct receive_case {
	const char *name;
	struct view packet;
	int sent;
	int result, error;
} receive_cases[] = {
	{ "good", BYTES(HEAD "\0\0\0"), 0, 1, 0 },
	{ "two descriptors", BYTES(HEAD "\2\0\0"), 2, 1, 0 },
	{ "four descriptors", BYTES(HEAD "\4\0\0"), 4, 1, 0 },
	{ "more than said", BYTES(HEAD "\1\0\0"), 2, -1, EBADMSG },
	{ "none said", BYTES(HEAD "\0\0\0"), 1, -1, EBADMSG },
	{ "fewer than said", BYTES(HEAD "\2\0\0"), 1, -1, EBADMSG },
	{ "none sent", BYTES(HEAD "\1\0\0"), 0, -1, EBADMSG },
	{ "more than fit, four said", BYTES(HEAD "\4\0\0"), 5, -1, EBADMSG },
	{ "very many", BYTES(HEAD "\4\0\0"), 60, -1, EBADMSG },
	{ "a broken header with descriptors", BYTES("hello"), 3, -1, EBADMSG },
	{ "an empty packet with descriptors ends it", BYTES(""), 3, 0, 0 },
};

static void
send_raw(int fd, struct view octets, int count)
{
	struct iovec vector = { (char *)(uintptr_t)octets.at, octets.len };
	struct msghdr message = { .msg_iov = &vector, .msg_iovlen = 1 };
	union {
		struct cmsghdr align;
		char room[CMSG_SPACE(sizeof(int) * 64)];
	} control;
	struct cmsghdr *rights;
	int fds[64], i;

	memset(&control, 0, sizeof control);
	for (i = 0; i < count; i++)
		fds[i] = fd;
	if (count > 0) {
		message.msg_control = &control;
		message.msg_controllen = CMSG_SPACE(sizeof(int) * (size_t)count);
		rights = CMSG_FIRSTHDR(&message);
		rights->cmsg_level = SOL_SOCKET;
		rights->cmsg_type = SCM_RIGHTS;
		rights->cmsg_len = CMSG_LEN(sizeof(int) * (size_t)count);
		memcpy(CMSG_DATA(rights), fds, sizeof(int) * (size_t)count);
	}
	assert_int_equal(sendmsg(fd, &message, MSG_NOSIGNAL), (ssize_t)octets.len);
}

static void
test_receive(void **state)
{
	size_t i, k;

	(void)state;
	for (i = 0; i < sizeof receive_cases / sizeof receive_cases[0]; i++) {
		const struct receive_case *c = &receive_cases[i];
		struct str packet = { 0 };
		struct frame frame;
		size_t before = open_descriptors();
		int pair[2], result;

		assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair), 0);
		send_raw(pair[0], c->packet, c->sent);
		result = frame_receive(pair[1], &packet, &frame, deadline_in(10));
		if (result != c->result || (result < 0 && errno != c->error))
			fail_msg("%s: %d", c->name, result);
		if (result == 1) {
			assert_int_equal(frame.fd_count, c->sent);
			for (k = 0; k < frame.fd_count; k++)
				assert_true(fcntl(frame.fds[k], F_GETFD) & FD_CLOEXEC);
			frame_close_fds(&frame);
		}
		close(pair[0]);
		close(pair[1]);
		if (open_descriptors() != before)
			fail_msg("%s: descriptors are left", c->name);
		str_free(&packet);
	}
}

static void
test_cut_packet(void **state)
{
	struct str packet = { 0 }, big = { 0 };
	struct frame frame;
	int pair[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair), 0);
	str_append(&big, VIEW(HEAD "\0\0\0"));
	while (big.len < FRAME_MAX + 1)
		str_append_byte(&big, '\0');
	send_raw(pair[0], str_view(&big), 0);
	assert_int_equal(frame_receive(pair[1], &packet, &frame, deadline_in(10)), -1);
	assert_int_equal(errno, EBADMSG);
	close(pair[0]);
	assert_int_equal(frame_receive(pair[1], &packet, &frame, deadline_in(10)), 0);
	close(pair[1]);
	str_free(&packet);
	str_free(&big);
}

/* Of a longer frame nothing is left behind a shorter one: frame_wipe() looks no further. */
static void
test_nothing_left(void **state)
{
	struct str packet = { 0 }, longer = { 0 }, shorter = { 0 };
	struct frame frame;
	size_t i;
	int pair[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair), 0);
	frame_start(&longer, 1, FRAME_OK, 1, 0);
	frame_add(&longer, 1, VIEW("secret"));
	frame_start(&shorter, 1, FRAME_OK, 2, 0);
	assert_int_equal(frame_send(pair[0], &longer, NULL, 0, deadline_in(10)), 0);
	assert_int_equal(frame_receive(pair[1], &packet, &frame, deadline_in(10)), 1);
	assert_int_equal(frame_send(pair[0], &shorter, NULL, 0, deadline_in(10)), 0);
	assert_int_equal(frame_receive(pair[1], &packet, &frame, deadline_in(10)), 1);
	for (i = shorter.len; i < longer.len; i++)
		assert_int_equal(packet.at[i], 0);
	frame_wipe(&packet);
	assert_null(packet.at);
	close(pair[0]);
	close(pair[1]);
	str_free(&longer);
	str_free(&shorter);
}

static bool
lingers(int fd)
{
	struct linger on = { 1, 600 }, now = { 0, 0 };
	socklen_t size = sizeof now;

	getsockopt(fd, SOL_SOCKET, SO_LINGER, &now, &size);
	setsockopt(fd, SOL_SOCKET, SO_LINGER, &on, sizeof on);
	return now.l_onoff;
}

/* Whoever closes the last descriptor of a socket that lingers waits until all is sent: that must not be
 * a service. */
static void
test_lingering(void **state)
{
	struct str packet = { 0 };
	struct frame frame;
	int pair[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair), 0);
	assert_false(lingers(pair[0]));
	assert_true(lingers(pair[0]));
	frame_start(&packet, 1, FRAME_OK, 1, 0);
	assert_int_equal(frame_send(pair[0], &packet, pair, 1, deadline_in(10)), 0);
	assert_int_equal(frame_receive(pair[1], &packet, &frame, deadline_in(10)), 1);
	frame_close_fds(&frame);
	assert_false(lingers(pair[0]));
	send_raw(pair[0], VIEW(HEAD "\4\0\0"), 64); /* more than a frame has */
	assert_int_equal(frame_receive(pair[1], &packet, &frame, deadline_in(10)), -1);
	assert_int_equal(errno, EBADMSG);
	assert_false(lingers(pair[0]));
	close(pair[0]);
	close(pair[1]);
	str_free(&packet);
}

static void
test_deadlines(void **state)
{
	struct str packet = { 0 };
	struct frame frame;
	int pair[2], i;

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair), 0);
	assert_int_equal(frame_receive(pair[1], &packet, &frame, deadline_in_ms(1)), -1);
	assert_int_equal(errno, ETIMEDOUT);
	frame_start(&packet, 1, FRAME_OK, 1, 0);
	for (i = 0; i < 100000; i++)
		if (frame_send(pair[0], &packet, NULL, 0, deadline_in_ms(1)) < 0)
			break;
	assert_int_equal(errno, ETIMEDOUT);
	close(pair[1]);
	assert_int_equal(frame_send(pair[0], &packet, NULL, 0, deadline_in_ms(1)), -1);
	assert_true(errno == EPIPE || errno == ECONNRESET); /* and no signal */
	close(pair[0]);
	str_free(&packet);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bytes),
		cmocka_unit_test(test_parse),
		cmocka_unit_test(test_find),
		cmocka_unit_test(test_too_long),
		cmocka_unit_test(test_receive),
		cmocka_unit_test(test_cut_packet),
		cmocka_unit_test(test_nothing_left),
		cmocka_unit_test(test_lingering),
		cmocka_unit_test(test_deadlines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
