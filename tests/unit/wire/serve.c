/* wire/serve: the socket of a service, who may ask, one connection. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/fd.h"
#include "wire/kinds.h"
#include "wire/serve.h"

#define BYTES(literal)                          \
	{                                       \
		"" literal, sizeof(literal) - 1 \
	}

static int
connect_there(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX,
		.sun_path = "run/test/sock" };
	int fd = socket(AF_UNIX, SOCK_SEQPACKET, 0);

	if (connect(fd, (struct sockaddr *)&address, sizeof address) < 0)
		fd_close(&fd);
	return fd;
}

static void
test_listen(void **state)
{
	struct stat st;
	int first, second, client;

	(void)state;
	assert_int_equal(serve_listen("absent"), -1);
	assert_int_equal(errno, ENOENT);
	first = serve_listen("test");
	assert_true(first >= 0);
	assert_int_equal(stat("run/test/sock", &st), 0);
	assert_int_equal(st.st_mode & 0777, 0666);
	assert_int_equal(serve_listen("test"), -1);
	assert_int_equal(errno, EADDRINUSE);
	close(first);
	assert_int_equal(connect_there(), -1);
	second = serve_listen("test");
	assert_true(second >= 0);
	client = connect_there();
	assert_true(client >= 0);
	close(client);
	close(second);
	unlink("run/test/sock");
}

/* Any user may hold the directory locked. */
static void
test_lock_of_a_stranger(void **state)
{
	int directory = open("run/test", O_RDONLY | O_DIRECTORY), fd;

	(void)state;
	assert_int_equal(flock(directory, LOCK_EX), 0);
	alarm(60);
	fd = serve_listen("test");
	alarm(0);
	assert_true(fd >= 0);
	close(fd);
	close(directory);
	unlink("run/test/sock");
}

/* What is no socket is not thrown away. */
static void
test_foreign_file(void **state)
{
	struct stat st;

	(void)state;
	close(open("run/test/sock", O_CREAT | O_WRONLY, 0600));
	assert_int_equal(serve_listen("test"), -1);
	assert_int_equal(stat("run/test/sock", &st), 0);
	unlink("run/test/sock");
	assert_int_equal(
	    serve_listen("a-name-so-long-that-it-does-not-fit-into-the-address-of-a-"
			 "socket-which-ends-at-108-octets-here-we-are"),
	    -1);
}

static void
test_may_ask(void **state)
{
	uid_t others[2] = { 4242, getuid() };
	int pair[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair), 0);
	assert_true(serve_may_ask(pair[0], true, NULL, 0)); /* our own uid */
	assert_true(serve_may_ask(pair[0], false, NULL, 0));
	assert_true(serve_may_ask(pair[0], true, others, 2));
	assert_false(serve_may_ask(-1, true, others, 2)); /* unknown */
	close(pair[0]);
	close(pair[1]);
}

static bool
handle(void *context, struct frame *request, struct str *answer)
{
	int *kept = context;

	if (request->kind != 42)
		return false;
	frame_start(answer, 42, FRAME_OK, request->id, 0);
	frame_add(answer, TAG_REASON, VIEW("handled"));
	if (request->fd_count > 0) {
		*kept = request->fds[0];
		request->fds[0] = -1;
	}
	return true;
}

static const struct test_case {
	const char *name;
	struct view request;
	int status; /* -1: the connection ends */
} cases[] = {
	{ "known", BYTES("QF\1\x2a\0\0\0\7\0\0\0\0\0\0\0\0"), FRAME_OK },
	{ "hello", BYTES("QF\1\1\0\0\0\7\0\0\0\0\0\0\0\0"), FRAME_OK },
	{ "unknown kind", BYTES("QF\1\x63\0\0\0\7\0\0\0\0\0\0\0\0"), FRAME_UNSUPPORTED },
	{ "another version", BYTES("QF\2\x2a\0\0\0\7\0\0\0\0\0\0\0\0what"),
	    FRAME_UNSUPPORTED },
	{ "no frame", BYTES("what"), -1 },
};

static void
test_connection(void **state)
{
	struct str packet = { 0 };
	struct frame answer;
	int kept = -1, pair[2], zero = 0, result, status;
	size_t i;
	pid_t pid;

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair), 0);
	pid = fork();
	if (pid == 0) {
		alarm(60);
		close(pair[0]);
		serve_connection(pair[1], handle, &kept);
		_exit(kept >= 0 && fcntl(kept, F_GETFD) >= 0 ? 0 : 1);
	}
	close(pair[1]);
	frame_start(&packet, 42, FRAME_OK, 6, 0);
	assert_int_equal(frame_send(pair[0], &packet, &zero, 1, deadline_in(10)), 0);
	assert_int_equal(frame_receive(pair[0], &packet, &answer, deadline_in(20)), 1);
	for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		str_set(&packet, cases[i].request);
		assert_int_equal(frame_send(pair[0], &packet, NULL, 0, deadline_in(10)),
		    packet.len < FRAME_HEADER ? -1 : 0);
		if (packet.len < FRAME_HEADER)
			assert_true(fd_write(pair[0], packet.at, packet.len) > 0);
		result = frame_receive(pair[0], &packet, &answer, deadline_in(20));
		if (cases[i].status < 0 ? result == 1
					: result != 1 ||
			    answer.status != cases[i].status || answer.id != 7)
			fail_msg("%s: %d", cases[i].name, result);
	}
	close(pair[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	str_free(&packet);
}

static int
make_home(void **state)
{
	static char home[] = "/tmp/serve.XXXXXX";

	*state = mkdtemp(home);
	if (!*state || chdir(home) < 0 || mkdir("run", 0755) < 0)
		return -1;
	return mkdir("run/test", 0755);
}

static int
remove_home(void **state)
{
	rmdir("run/test");
	rmdir("run");
	return rmdir(*state);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_listen),
		cmocka_unit_test(test_lock_of_a_stranger),
		cmocka_unit_test(test_foreign_file),
		cmocka_unit_test(test_may_ask),
		cmocka_unit_test(test_connection),
	};

	return cmocka_run_group_tests(tests, make_home, remove_home);
}
