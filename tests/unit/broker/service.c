/* broker/service: a session's half that is hostile, and speaks frames by hand to a broker that was forked
 * off; then a client that keeps the rules, through lib/spawn. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "broker/environment.h"
#include "broker/forked.h"
#include "broker/programs.h"
#include "broker/service.h"
#include "unit/unit.h"
#include "wire/broker.h"
#include "wire/brokerframe.h"
#include "wire/kinds.h"

static const struct log no_log = { 0 };

static void
add_line(struct broker_commands *list, const char *line)
{
	brokercommands_add_line(list, view_of(line));
}

static struct broker_rules
rules_of_tests(void)
{
	struct broker_rules rules = { { 0 }, false };

	add_line(&rules.commands, ":exit 7");
	add_line(&rules.commands, ":cat");
	add_line(&rules.commands, ":exec sleep 100");
	add_line(&rules.commands, ":echo \"$SMTPX+$LD_PRELOAD+$QMAILQUEUE\"");
	add_line(&rules.commands, "/there/is/no/program");
	add_line(&rules.commands, "cat -u");
	return rules;
}

/* --- frames by hand ------------------------------------------------------------------------------------- */

struct hostile {
	int fd;
	pid_t broker;
	uint32_t id;
};

static struct hostile
begin(void)
{
	struct broker_rules rules = rules_of_tests();
	struct hostile h = { 0 };
	int pair[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
	h.fd = pair[0];
	h.broker = fork();
	if (h.broker == 0) {
		close(pair[0]);
		service_run_forked(pair[1], &rules, &no_log);
		brokercommands_free(&rules.commands);
		_exit(0);
	}
	close(pair[1]);
	brokercommands_free(&rules.commands);
	return h;
}

/* The broker ends well when its client goes, whatever was done to it. */
static void
end(struct hostile *h)
{
	int status = -1;

	close(h->fd);
	assert_int_equal(waitpid(h->broker, &status, 0), h->broker);
	assert_int_equal(status, 0);
}

static struct str
start_frame(struct hostile *h, const char *line)
{
	struct broker_commands one = { 0 };
	struct str packet = { 0 };
	struct broker_start start = { .fd_count = 0 };

	add_line(&one, line);
	frame_start(&packet, WIRE_BROKER_START, FRAME_OK, ++h->id, 0);
	start.command = str_view(&one.packed[0]);
	brokerframe_add_start(&packet, &start);
	brokercommands_free(&one);
	return packet;
}

/* The status of the answer to it, -1 at the end of the connection; `answer` may be NULL. */
static int
ask(struct hostile *h, struct str *packet, const int *fds, size_t count, uint32_t *child,
    uint32_t *error)
{
	struct frame answer;
	struct str octets = { 0 };
	int status = -1;

	if (frame_send(h->fd, packet, fds, count, deadline_in(20)) == 0 &&
	    frame_receive(h->fd, &octets, &answer, deadline_in(20)) == 1) {
		status = answer.status;
		if (child)
			frame_find_u32(&answer, TAG_BROKER_CHILD, child);
		if (error)
			frame_find_u32(&answer, TAG_BROKER_ERROR, error);
	}
	str_free(&octets);
	str_free(packet);
	return status;
}

/* Start it; *handle is where its end is told. */
static int
start(struct hostile *h, const char *line, int *handle, uint32_t *child, uint32_t *error)
{
	struct str packet = start_frame(h, line);
	int pair[2], status;

	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
	status = ask(h, &packet, &pair[1], 1, child, error);
	close(pair[1]);
	*handle = pair[0];
	return status;
}

static int
status_from(int handle)
{
	struct str octets = { 0 };
	struct frame frame;
	int status = -1;

	if (frame_receive(handle, &octets, &frame, deadline_in(20)) == 1)
		assert_true(brokerframe_ended(&frame, &status));
	str_free(&octets);
	close(handle);
	return status;
}

static void
only_what_is_on_the_list(void **state)
{
	static const char *const others[] = { "/bin/sh", ":exit 8", "/bin/sh -c exit",
		"cat", "cat -u -u", ":", "/bin/cat -u" };
	struct hostile h = begin();
	uint32_t child = 0, error = 0;
	int handle;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(others); i++) {
		assert_int_equal(start(&h, others[i], &handle, &child, &error), FRAME_NO);
		assert_int_equal(error, EPERM);
		assert_int_equal(status_from(handle), -1);
	}
	assert_int_equal(child, 0);
	assert_int_equal(start(&h, ":exit 7", &handle, &child, &error), FRAME_OK);
	assert_int_equal(status_from(handle), 7 << 8);
	assert_int_equal(
	    start(&h, "/there/is/no/program", &handle, &child, &error), FRAME_NO);
	assert_int_equal(error, ENOENT);
	assert_int_equal(status_from(handle), -1);
	end(&h);
}

static void
only_its_own_children_are_killed(void **state)
{
	struct hostile h = begin();
	struct str packet = { 0 };
	pid_t stranger = fork();
	uint32_t child = 0, error = 0;
	int handle, status;

	(void)state;
	if (stranger == 0) {
		pause();
		_exit(0);
	}
	brokerframe_pack_kill(&packet, stranger, SIGKILL);
	assert_int_equal(ask(&h, &packet, NULL, 0, NULL, &error), FRAME_NO);
	assert_int_equal(error, ESRCH);
	brokerframe_pack_kill(&packet, h.broker, SIGKILL);
	assert_int_equal(ask(&h, &packet, NULL, 0, NULL, &error), FRAME_NO);
	brokerframe_pack_kill(&packet, 1, SIGTERM);
	assert_int_equal(ask(&h, &packet, NULL, 0, NULL, &error), FRAME_NO);
	brokerframe_pack_kill(&packet, -1, SIGTERM);
	assert_int_equal(ask(&h, &packet, NULL, 0, NULL, NULL), FRAME_MALFORMED);
	assert_int_equal(waitpid(stranger, &status, WNOHANG), 0);
	kill(stranger, SIGKILL);
	waitpid(stranger, &status, 0);

	assert_int_equal(start(&h, ":exec sleep 100", &handle, &child, NULL), FRAME_OK);
	brokerframe_pack_kill(&packet, (pid_t)child, SIGKILL);
	assert_int_equal(ask(&h, &packet, NULL, 0, NULL, NULL), FRAME_OK);
	assert_int_equal(status_from(handle), SIGKILL);
	brokerframe_pack_kill(&packet, (pid_t)child, SIGKILL); /* it has ended */
	assert_int_equal(ask(&h, &packet, NULL, 0, NULL, &error), FRAME_NO);
	end(&h);
}

/* A bomb ends at the limit; what has ended makes room again. */
static void
children_are_counted(void **state)
{
	struct hostile h = begin();
	int handles[BROKER_CHILDREN], handle;
	uint32_t child[BROKER_CHILDREN], error = 0;
	struct str packet = { 0 };
	size_t i;

	(void)state;
	for (i = 0; i < BROKER_CHILDREN; i++)
		assert_int_equal(
		    start(&h, ":exec sleep 100", &handles[i], &child[i], NULL), FRAME_OK);
	for (i = 0; i < 40; i++) {
		assert_int_equal(
		    start(&h, ":exec sleep 100", &handle, NULL, &error), FRAME_NO);
		assert_int_equal(error, EAGAIN);
		close(handle);
	}
	brokerframe_pack_kill(&packet, (pid_t)child[3], SIGKILL);
	assert_int_equal(ask(&h, &packet, NULL, 0, NULL, NULL), FRAME_OK);
	assert_int_equal(status_from(handles[3]), SIGKILL);
	assert_int_equal(
	    start(&h, ":exec sleep 100", &handles[3], &child[3], NULL), FRAME_OK);
	for (i = 0; i < BROKER_CHILDREN; i++) {
		kill((pid_t)child[i], SIGKILL);
		assert_int_equal(status_from(handles[i]), SIGKILL);
	}
	end(&h);
}

/* Frames that break a rule do not start anything, and cost no descriptor. */
static void
malformed_requests(void **state)
{
	struct hostile h = begin();
	static const char *const fields[] = {
		"\0\x97\0\2\1\0",   /* the handle as descriptor 1 */
		"\0\x97\0\2\1\1",   /* one that did not come along */
		"\0\x97\0\2\1\xfc", /* another */
		"\0\x97\0\1\1\xff", /* half a descriptor */
	};
	static const size_t lens[] = { 6, 6, 6, 5 };
	struct str packet;
	int pair[2];
	size_t i;

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
	for (i = 0; i < COUNT(fields); i++) {
		packet = start_frame(&h, ":exit 7");
		str_append(&packet, (struct view) { fields[i], lens[i] });
		assert_int_equal(
		    ask(&h, &packet, &pair[1], 1, NULL, NULL), FRAME_MALFORMED);
	}
	packet = start_frame(&h, ":exit 7"); /* no handle */
	assert_int_equal(ask(&h, &packet, NULL, 0, NULL, NULL), FRAME_MALFORMED);
	frame_start(&packet, WIRE_BROKER_START, FRAME_OK, 1, 0); /* no command */
	assert_int_equal(ask(&h, &packet, &pair[1], 1, NULL, NULL), FRAME_MALFORMED);
	frame_start(&packet, WIRE_BROKER_OPEN, FRAME_OK, 1, 0); /* it was forked off */
	assert_int_equal(ask(&h, &packet, &pair[1], 1, NULL, NULL), FRAME_MALFORMED);
	frame_start(&packet, WIRE_BROKER_ENDED, FRAME_OK, 1, 0);
	assert_int_equal(ask(&h, &packet, NULL, 0, NULL, NULL), FRAME_UNSUPPORTED);
	frame_start(&packet, WIRE_DNS_ASK, FRAME_OK, 1, 0);
	assert_int_equal(ask(&h, &packet, NULL, 0, NULL, NULL), FRAME_UNSUPPORTED);
	close(pair[0]);
	close(pair[1]);
	end(&h);
}

/* More descriptors than the frame says, and no frame at all: the connection ends, and so does the
 * broker. */
static void
broken_frames_end_it(void **state)
{
	static const char *const broken[] = { "what",
		"QF\1\x98\0\0\0\1\0\0\0\0\0\4\0\0" };
	static const size_t lens[] = { 4, 16 };
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(broken); i++) {
		struct hostile h = begin();
		char octet;

		assert_true(send(h.fd, broken[i], lens[i], MSG_NOSIGNAL) > 0);
		assert_int_equal(recv(h.fd, &octet, 1, 0), 0);
		end(&h);
	}
}

/* Nobody reads the answers: they are not waited for. */
static void
a_flood_is_cut_off(void **state)
{
	struct hostile h = begin();
	struct str packet = { 0 };
	size_t sent = 0;

	(void)state;
	brokerframe_pack_kill(&packet, 1, SIGTERM);
	while (sent < 1000000 && frame_send(h.fd, &packet, NULL, 0, deadline_in(20)) == 0)
		sent++;
	assert_true(sent < 1000000);
	str_free(&packet);
	end(&h);
}

/* --- variables ------------------------------------------------------------------------------------------- */

static int
start_with(struct hostile *h, uint16_t tag, const char *change)
{
	struct str packet = start_frame(h, ":exit 7");
	int pair[2], status;

	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
	frame_add(&packet, tag, view_of(change));
	status = ask(h, &packet, &pair[1], 1, NULL, NULL);
	close(pair[0]);
	close(pair[1]);
	return status;
}

static void
variables_that_find_code_stay(void **state)
{
	static const char *const refused[] = { "LD_PRELOAD=x", "PATH=.", "QMAILHOME=.",
		"IFS=x", "BASH_ENV=x", "PERL5OPT=x", "OPENSSL_CONF=x", "FOO=x", "TCP",
		"=x", "QMAILQUEUE=/bin/sh", "QMAILQUEUE=", "SSL_CERT_FILE=x" };
	static const char *const allowed[] = { "TCPREMOTEINFO=a",
		"RELAYCLIENT=", "SMTPHELOHOST=$(x)", "QMAILQUEUE=/there/is/no/program" };
	struct hostile h = begin();
	struct str packet = { 0 };
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(refused); i++)
		assert_int_equal(start_with(&h, TAG_BROKER_SET, refused[i]), FRAME_NO);
	assert_int_equal(start_with(&h, TAG_BROKER_UNSET, "PATH"), FRAME_NO);
	for (i = 0; i < COUNT(allowed); i++)
		assert_int_equal(start_with(&h, TAG_BROKER_SET, allowed[i]), FRAME_OK);
	assert_int_equal(start_with(&h, TAG_BROKER_UNSET, "RELAYCLIENT"), FRAME_OK);
	frame_start(&packet, WIRE_BROKER_ADD, FRAME_OK, 1, 0);
	frame_add(&packet, TAG_BROKER_SET, VIEW("LD_PRELOAD=x"));
	assert_int_equal(ask(&h, &packet, NULL, 0, NULL, NULL), FRAME_NO);
	end(&h);
}

/* A descriptor that would hold up whoever closes it last does not hold up the broker. */
static void
a_handle_does_not_linger(void **state)
{
	struct hostile h = begin();
	struct str packet = start_frame(&h, ":exit 7");
	struct linger linger = { 1, 600 };
	socklen_t size = sizeof linger;
	int pair[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
	setsockopt(pair[1], SOL_SOCKET, SO_LINGER, &linger, size);
	assert_int_equal(ask(&h, &packet, &pair[1], 1, NULL, NULL), FRAME_OK);
	assert_int_equal(WEXITSTATUS(status_from(pair[0])), 7);
	end(&h);
	assert_int_equal(getsockopt(pair[1], SOL_SOCKET, SO_LINGER, &linger, &size), 0);
	assert_int_equal(linger.l_onoff, 0);
	close(pair[1]);
}

/* Where logins and plugins set what they like, that is still none of these. */
static void
harmless_variables(void **state)
{
	static const char *const refused[] = { "LD_PRELOAD", "PATH", "PERL5OPT",
		"BASH_ENV", "GCONV_PATH", "TMPDIR", "ZDOTDIR", "CLASSPATH",
		"JDK_JAVA_OPTIONS", "DOTNET_STARTUP_HOOKS", "AWKPATH", "LESSOPEN",
		"SSLKEYLOGFILE", "foo" };
	struct environment_rules rules = { NULL, true, NULL };
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(refused); i++)
		assert_false(environment_may_set(&rules, view_of(refused[i])));
	assert_true(environment_may_set(&rules, VIEW("FOO")));
	assert_true(environment_may_set(&rules, VIEW("TCPREMOTEINFO")));
}

/* What is added for a child has a bound. */
static void
additions_end(void **state)
{
	struct hostile h = begin();
	struct str packet = { 0 }, value = { 0 };
	int status = FRAME_OK;
	size_t i;

	(void)state;
	str_append_text(&value, "SMTPX=");
	while (value.len < 60000)
		str_append_byte(&value, 'x');
	for (i = 0; i < 100 && status == FRAME_OK; i++) {
		frame_start(&packet, WIRE_BROKER_ADD, FRAME_OK, 1, 0);
		frame_add(&packet, TAG_BROKER_SET, str_view(&value));
		status = ask(&h, &packet, NULL, 0, NULL, NULL);
	}
	assert_int_equal(status, FRAME_NO);
	assert_in_range(i, 10, 20);
	str_free(&value);
	end(&h);
}

/* --- a client that keeps the rules ------------------------------------------------------------------------ */

static char sh[] = "/bin/sh", dash_c[] = "-c";

/* Run a script of the list; its wait status. */
static int
run_script(const char *script, int in, int out, char *const *env)
{
	char *argv[] = { sh, dash_c, strdup(script), NULL };
	struct spawn s = { .path = sh, .argv = argv, .env = env };
	int status = -1, watch;
	pid_t pid;

	spawn_give(&s, 0, in);
	spawn_give(&s, 1, out);
	pid = spawn_start(&s);
	free(argv[2]);
	if (pid < 0)
		return -1;
	watch = spawn_watch(pid);
	assert_int_equal(fd_wait_readable(watch, deadline_in(20)), 0);
	close(watch);
	assert_int_equal(spawn_wait(pid, deadline_in(20), &status), 0);
	assert_int_equal(spawn_wait(pid, deadline_in(20), &status), -1);
	assert_int_equal(errno, ECHILD);
	return status;
}

static void
a_child_by_a_broker(void **state)
{
	static char set[] = "SMTPX=here", loader[] = "LD_PRELOAD=x";
	char *good[] = { set, NULL }, *bad[] = { set, loader, NULL };
	struct broker_rules rules = rules_of_tests();
	struct str said = { 0 };
	struct broker b;
	int out[2], status;

	(void)state;
	setenv("QMAILQUEUE", "/inherited", 1);
	assert_int_equal(forked_start(&b, &rules, &no_log), 0);
	unsetenv("QMAILQUEUE");
	broker_use(&b);
	assert_int_equal(run_script("exit 7", SPAWN_NULL, SPAWN_NULL, NULL), 7 << 8);
	assert_int_equal(run_script("exit 8", SPAWN_NULL, SPAWN_NULL, NULL), -1);
	assert_int_equal(errno, EPERM);
	assert_false(spawn_is_shortage(errno));
	assert_int_equal(fd_pipe(out), 0);
	status = run_script(
	    "echo \"$SMTPX+$LD_PRELOAD+$QMAILQUEUE\"", SPAWN_NULL, out[1], good);
	assert_int_equal(status, -1); /* it would unset PATH and the like */
	close(out[0]);
	close(out[1]);
	assert_int_equal(run_script("exit 7", SPAWN_NULL, SPAWN_NULL, bad), -1);
	setenv("SMTPX", "here", 1);
	assert_int_equal(fd_pipe(out), 0);
	assert_int_equal(run_script("echo \"$SMTPX+$LD_PRELOAD+$QMAILQUEUE\"", SPAWN_NULL,
			     out[1], NULL),
	    0);
	close(out[1]);
	assert_int_equal(fd_read_all(out[0], &said, 100), 0);
	assert_string_equal(str_text(&said), "here++\n");
	close(out[0]);
	unsetenv("SMTPX");
	str_free(&said);
	broker_end(&b);
	brokercommands_free(&rules.commands);
	assert_int_equal(run_script("exit 8", SPAWN_NULL, SPAWN_NULL, NULL), 8 << 8);
}

/* It dies while a child runs, or before one is started: both are errors, and nobody hangs. */
static void
a_broker_that_is_killed(void **state)
{
	char *argv[] = { sh, dash_c, strdup("exec sleep 100"), NULL };
	struct spawn s = { .path = sh, .argv = argv };
	struct hostile h = begin();
	struct broker b;
	int status, watch;
	pid_t pid;

	(void)state;
	broker_take(&b, h.fd, h.broker);
	broker_use(&b);
	pid = spawn_start(&s);
	assert_true(pid > 0);
	assert_int_equal(spawn_wait(pid, deadline_in_ms(1), &status), -1);
	assert_int_equal(errno, ETIMEDOUT);
	kill(h.broker, SIGKILL);
	watch = spawn_watch(pid);
	assert_int_equal(fd_wait_readable(watch, deadline_in(20)), 0);
	close(watch);
	assert_int_equal(spawn_wait(pid, deadline_in(20), &status), -1);
	assert_int_equal(errno, ECHILD);
	kill(pid, SIGKILL);
	assert_int_equal(spawn_start(&s), -1);
	assert_true(spawn_is_shortage(errno));
	assert_int_equal(spawn_kill(pid, SIGKILL), -1);
	broker_end(&b);
	free(argv[2]);
	assert_int_equal(waitpid(h.broker, &status, 0), -1);
}

/* What does not fit into one frame goes before it. */
static void
a_large_environment(void **state)
{
	struct broker_rules rules = rules_of_tests();
	struct str value = { 0 }, name = { 0 };
	struct broker b;
	size_t i;

	(void)state;
	assert_int_equal(forked_start(&b, &rules, &no_log), 0);
	broker_use(&b);
	while (value.len < 30000)
		str_append_byte(&value, 'x');
	for (i = 0; i < 4; i++) {
		str_set(&name, VIEW("SMTPX"));
		str_append_byte(&name, (char)('A' + i));
		setenv(str_text(&name), str_text(&value), 1);
	}
	assert_int_equal(run_script("exit 7", SPAWN_NULL, SPAWN_NULL, NULL), 7 << 8);
	for (i = 0; i < 4; i++) {
		name.at[5] = (char)('A' + i);
		unsetenv(str_text(&name));
	}
	assert_int_equal(run_script("exit 7", SPAWN_NULL, SPAWN_NULL, NULL), 7 << 8);
	str_free(&value);
	str_free(&name);
	broker_end(&b);
	brokercommands_free(&rules.commands);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_what_is_on_the_list),
		cmocka_unit_test(only_its_own_children_are_killed),
		cmocka_unit_test(children_are_counted),
		cmocka_unit_test(malformed_requests),
		cmocka_unit_test(broken_frames_end_it),
		cmocka_unit_test(a_flood_is_cut_off),
		cmocka_unit_test(variables_that_find_code_stay),
		cmocka_unit_test(a_handle_does_not_linger),
		cmocka_unit_test(harmless_variables),
		cmocka_unit_test(additions_end),
		cmocka_unit_test(a_child_by_a_broker),
		cmocka_unit_test(a_broker_that_is_killed),
		cmocka_unit_test(a_large_environment),
	};

	return cmocka_run_group_tests_name(
	    "broker/service", tests, unit_enter_directory, NULL);
}
