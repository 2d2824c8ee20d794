/* wire/serveforking: a child for each connection. */
#define _GNU_SOURCE
#include "wire/serveforking.h"

#include <signal.h>
#include <sys/wait.h>

#include "unit/unit.h"
#include "wire/kinds.h"
#include "wire/serve.h"
#include "wire/servicesocket.h"

static int
connect_there(void)
{
	struct sockaddr_un address;

	assert_int_equal(servicesocket_address("test", &address), 0);
	return servicesocket_connect(&address);
}

static bool
knows_nothing(void *context, struct frame *request, struct str *answer)
{
	(void)context;
	(void)request;
	(void)answer;
	return false;
}

static void
session(void *context, int fd)
{
	serve_connection(fd, knows_nothing, context);
}

static bool
say_hello(int fd)
{
	struct str packet = { 0 };
	struct frame answer;
	bool good;

	frame_start(&packet, WIRE_HELLO, FRAME_OK, 1, 0);
	good = frame_send(fd, &packet, NULL, 0, deadline_in(10)) == 0 &&
	    frame_receive(fd, &packet, &answer, deadline_in(20)) == 1;
	str_free(&packet);
	return good;
}

/* Two children at most: a third client is served when one of the others has gone. */
static void
at_most_two(void **state)
{
	struct log log = { 0 };
	int clients[3], i, status, tries;
	pid_t pid;

	(void)state;
	pid = fork();
	if (pid == 0) {
		alarm(60);
		_exit(serve_forking("test", 2, session, NULL, &log) == 0 ? 0 : 1);
	}
	for (tries = 0; tries < 2000 && (clients[0] = connect_there()) < 0; tries++)
		usleep(5000);
	clients[1] = connect_there();
	clients[2] = connect_there();
	assert_true(clients[2] >= 0);
	assert_true(say_hello(clients[0]));
	assert_true(say_hello(clients[1]));
	close(clients[0]);
	assert_true(say_hello(clients[2]));
	kill(pid, SIGTERM);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_true(say_hello(clients[2])); /* a session outlives its service */
	for (i = 1; i < 3; i++)
		close(clients[i]);
	assert_int_equal(connect_there(), -1);
	unlink("run/test/sock");
}

static int
make_home(void **state)
{
	static char home[] = "/tmp/serveforking.XXXXXX";

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
		cmocka_unit_test(at_most_two),
	};

	return cmocka_run_group_tests(tests, make_home, remove_home);
}
