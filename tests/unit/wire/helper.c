/* wire/helper: this program is also the helper.  Started with an argument it behaves as that says,
 * on descriptor 0; a child of the test is the resident one.  Each tells in TAG_REASON who it is. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/fd.h"
#include "os/os.h"
#include "wire/helper.h"
#include "wire/kinds.h"
#include "wire/serve.h"

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

static bool
is(const char *a, const char *b)
{
	return strcmp(a, b) == 0;
}

/* One answer to a request, good or as the behaviour says. */
static void
answer(int fd, const char *how, const char *who, const struct frame *request)
{
	struct str packet = { 0 };
	int fds[4] = { 0, 0, 0, 0 };
	size_t count = 0;
	uint32_t id = request->id, i;

	if (is(how, "stale"))
		for (i = 1; i < 4; i++) {
			frame_start(&packet, request->kind, FRAME_OK, id - i, 0);
			frame_send(fd, &packet, fds, 1, deadline_in(10));
		}
	while (is(how, "endless")) {
		frame_start(&packet, request->kind, FRAME_OK, id - 1, 0);
		if (frame_send(fd, &packet, NULL, 0, deadline_in(10)) < 0)
			break;
	}
	if (is(how, "descriptor"))
		count = 1;
	frame_start(&packet, is(how, "kind") ? 99 : request->kind,
	    is(how, "unsupported") ? FRAME_UNSUPPORTED : FRAME_OK,
	    is(how, "future") ? id + 1 : id, 0);
	frame_add(&packet, TAG_REASON, view_of(who));
	if (is(how, "version"))
		packet.at[2] = 9;
	if (is(how, "garbage"))
		str_set(&packet, VIEW("there is no such frame"));
	frame_send(fd, &packet, fds, count, deadline_in(10));
	str_free(&packet);
}

/* Behave until the caller goes. */
static void
behave(int fd, const char *how, const char *who)
{
	struct str packet = { 0 };
	struct frame request;

	while (frame_receive(fd, &packet, &request, deadline_in(30)) == 1) {
		if (is(how, "die"))
			_exit(3);
		if (is(how, "crash")) {
			signal(SIGABRT, SIG_DFL);
			raise(SIGKILL);
		}
		while (is(how, "deaf"))
			pause();
		answer(fd, how, who, &request);
		frame_close_fds(&request);
		if (is(how, "once"))
			_exit(0);
	}
	str_free(&packet);
}

/* A resident service of this behaviour; its pid.  It listens when this returns. */
static pid_t
start_resident(const char *how)
{
	int listener = serve_listen("test"), fd;
	pid_t pid;

	assert_true(listener >= 0);
	fd_set_blocking(listener, 1);
	pid = fork();
	if (pid == 0) {
		alarm(60);
		while ((fd = serve_accept(listener)) >= 0) {
			behave(fd, how, "resident");
			close(fd);
		}
		_exit(0);
	}
	close(listener);
	return pid;
}

static void
stop(pid_t pid)
{
	int status;

	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
}

static const struct test_case {
	const char *name, *resident, *on_demand;
	bool descriptor;    /* the request has one */
	const char *answer; /* who; or NULL for a failure of this reason */
	const char *reason;
} cases[] = {
	{ "on demand", NULL, "good", false, "demand", NULL },
	{ "on demand, a descriptor in the request", NULL, "good", true, "demand", NULL },
	{ "on demand, a descriptor in the answer", NULL, "descriptor", false, "demand",
	    NULL },
	{ "resident", "good", "good", false, "resident", NULL },
	{ "resident, nothing on demand", "good", NULL, true, "resident", NULL },
	{ "older answers are dropped, with their descriptors", NULL, "stale", false,
	    "demand", NULL },
	{ "missing", NULL, NULL, false, NULL, "no such helper" },
	{ "dead before the answer", NULL, "die", false, NULL, "helper died" },
	{ "killed", NULL, "crash", false, NULL, "helper died" },
	{ "no answer", NULL, "deaf", false, NULL, "helper too slow" },
	{ "an answer to a question of the future", NULL, "future", false, NULL,
	    "helper broke the protocol" },
	{ "an answer of another kind", NULL, "kind", false, NULL,
	    "helper broke the protocol" },
	{ "no frame", NULL, "garbage", false, NULL, "helper broke the protocol" },
	{ "older answers without end", NULL, "endless", false, NULL,
	    "helper broke the protocol" },
	{ "the request is unknown", NULL, "unsupported", false, NULL,
	    "helper does not know this request" },
	{ "another version", NULL, "version", false, NULL,
	    "helper does not know this request" },
	{ "the service does not know it: on demand", "unsupported", "good", false,
	    "demand", NULL },
	{ "likewise with a descriptor: not touched", "unsupported", "good", true,
	    "demand", NULL },
	{ "the service has another version", "version", "good", true, "demand", NULL },
	{ "the service died", "die", "good", false, "demand", NULL },
	{ "the service died with a descriptor: not again", "die", "good", true, NULL,
	    "helper died" },
	{ "the service broke the protocol", "garbage", "good", false, "demand", NULL },
	{ "the service is slow: no time is left for another", "deaf", "good", false, NULL,
	    "helper too slow" },
	{ "service and program die", "die", "die", false, NULL, "helper died" },
};

/* Make bin/helper this program, or remove it. */
static void
place_program(bool there)
{
	char self[4096];
	ssize_t len = readlink("/proc/self/exe", self, sizeof self - 1);

	unlink("bin/helper");
	self[len] = '\0';
	if (there)
		assert_int_equal(symlink(self, "bin/helper"), 0);
}

static void
check(const struct test_case *c)
{
	struct helper_name name = { "test", "helper", c->on_demand };
	struct str request = { 0 }, packet = { 0 };
	struct view who = VIEW("");
	struct frame frame;
	struct helper h;
	int zero = 0, result;

	helper_init(&h);
	frame_start(&request, 42, FRAME_OK, 0, 0);
	result = helper_call(&h, &name, &request, &zero, c->descriptor,
	    is(c->reason ? c->reason : "", "helper too slow") ? deadline_in_ms(300)
							      : deadline_in(20),
	    &packet, &frame);
	if (result == 0) {
		frame_find(&frame, TAG_REASON, &who);
		assert_int_equal(
		    frame.fd_count, c->on_demand && is(c->on_demand, "descriptor"));
		frame_close_fds(&frame);
	}
	if ((result == 0) != (c->answer != NULL) || !view_equal(who, view_of(c->answer)))
		fail_msg("%s: %d, %.*s", c->name, result, (int)who.len, who.at);
	if (c->reason && !is(h.reason, c->reason))
		fail_msg("%s: %s", c->name, h.reason);
	assert_true(c->answer || (h.fd == -1 && h.pid == 0));
	helper_close(&h);
	str_free(&request);
	str_free(&packet);
}

static void
test_calls(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		const struct test_case *c = &cases[i];
		size_t before = open_descriptors();
		pid_t resident = c->resident ? start_resident(c->resident) : 0;

		place_program(c->on_demand != NULL);
		check(c);
		if (resident)
			stop(resident);
		unlink("run/test/sock");
		if (open_descriptors() != before)
			fail_msg("%s: descriptors are left", c->name);
		if (waitpid(-1, NULL, WNOHANG) != -1)
			fail_msg("%s: a child is left", c->name);
	}
}

/* A socket where nobody listens, and one whose queue is full, count as absent. */
static void
test_nobody_there(void **state)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	struct test_case c = { "nobody listens", NULL, "good", false, "demand", NULL };
	int fd, clients[10], i;

	(void)state;
	place_program(true);
	fd = serve_listen("test");
	close(fd);
	check(&c);
	unlink("run/test/sock");

	fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	memcpy(address.sun_path, "run/test/sock", 14);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
	assert_int_equal(listen(fd, 1), 0);
	for (i = 0; i < 10; i++) {
		clients[i] =
		    socket(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
		connect(clients[i], (struct sockaddr *)&address, sizeof address);
	}
	c.name = "busy";
	check(&c);
	for (i = 0; i < 10; i++)
		close(clients[i]);
	close(fd);
	unlink("run/test/sock");
}

/* A kept connection serves again; a service that went away in between is replaced. */
static void
test_kept(void **state)
{
	struct helper_name name = { "test", "helper", "good" };
	struct str request = { 0 }, packet = { 0 };
	struct frame frame;
	struct helper h;
	pid_t resident = start_resident("once");
	uint32_t first;

	(void)state;
	place_program(true);
	helper_init(&h);
	frame_start(&request, 42, FRAME_OK, 0, 0);
	assert_int_equal(
	    helper_call(&h, &name, &request, NULL, 0, deadline_in(20), &packet, &frame),
	    0);
	assert_true(h.resident);
	first = frame.id;
	stop(resident);
	assert_int_equal(
	    helper_call(&h, &name, &request, NULL, 0, deadline_in(20), &packet, &frame),
	    0);
	assert_false(h.resident);
	assert_true(h.pid > 0);
	assert_int_equal(
	    helper_call(&h, &name, &request, NULL, 0, deadline_in(20), &packet, &frame),
	    0);
	assert_true(frame.id > first);
	assert_int_equal(
	    helper_call(&h, &name, &request, NULL, 0, deadline_in_ms(0), &packet, &frame),
	    -1);
	assert_string_equal(h.reason, "helper too slow");
	helper_close(&h);
	unlink("run/test/sock");
	str_free(&request);
	str_free(&packet);
}

static void
test_leave(void **state)
{
	struct helper_name name = { "test", "helper", "good" };
	struct str request = { 0 }, packet = { 0 };
	struct frame frame;
	struct helper h;
	pid_t pid;
	int status;

	(void)state;
	place_program(true);
	helper_init(&h);
	frame_start(&request, 42, FRAME_OK, 0, 0);
	assert_int_equal(
	    helper_call(&h, &name, &request, NULL, 0, deadline_in(20), &packet, &frame),
	    0);
	pid = helper_leave(&h);
	assert_true(pid > 0);
	assert_int_equal(h.fd, -1);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	str_free(&request);
	str_free(&packet);
}

/* A helper has our stderr, the socket on 0, nothing on 1 (it may be the network), no more. */
static void
check_descriptors(void)
{
	struct stat one, null;

	if (fstat(1, &one) < 0 || stat("/dev/null", &null) < 0 ||
	    one.st_rdev != null.st_rdev)
		_exit(9);
	if (open_descriptors() > 6) /* 0, 1, 2, the directory, "." and ".." */
		_exit(9);
}

static int
make_home(void **state)
{
	static char home[] = "/tmp/helper.XXXXXX";

	*state = mkdtemp(home);
	if (!*state || chdir(home) < 0 || mkdir("bin", 0755) < 0 ||
	    mkdir("run", 0755) < 0)
		return -1;
	return mkdir("run/test", 0755);
}

static int
remove_home(void **state)
{
	unlink("bin/helper");
	rmdir("run/test");
	rmdir("run");
	rmdir("bin");
	return rmdir(*state);
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_calls),
		cmocka_unit_test(test_nobody_there),
		cmocka_unit_test(test_kept),
		cmocka_unit_test(test_leave),
	};

	signal(SIGPIPE, SIG_IGN);
	if (argc == 2) {
		alarm(60);
		check_descriptors();
		behave(0, argv[1], "demand");
		return 0;
	}
	os_close_from(3);
	return cmocka_run_group_tests(tests, make_home, remove_home);
}
