/* The caller's side of qmail-queue against tiny programs, one for each way to end. */
#define _GNU_SOURCE
#include "queue/submit.h"

#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "lib/fd.h"
#include "lib/spawn.h"

static char home[] = "/tmp/qferry-submit.XXXXXX";

static void
write_program(const char *path, const char *body)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	fprintf(f, "#!/bin/sh\n%s\n", body);
	assert_int_equal(fclose(f), 0);
	assert_int_equal(chmod(path, 0755), 0);
}

static void
expect(const char *name, const struct submit_verdict *v, enum submit_class class,
    const char *text)
{
	if (v->class != class || strcmp(str_text(&v->text), text) != 0)
		fail_msg("%s: class %d text '%s', expected %d '%s'", name, (int)v->class,
		    str_text(&v->text), (int)class, text);
}

/* Run `body` as the program on one message of `size` octets to two recipients. */
static void
run(const char *body, size_t size, bool fail_it, struct submit_verdict *v)
{
	static struct submit s;
	static char line[4096];
	size_t left;

	memset(line, 'x', sizeof line);
	write_program("bin/qmail-queue", body);
	assert_int_equal(submit_open(&s, NULL), 0);
	for (left = size; left > 0 && size >= sizeof line; left -= sizeof line)
		submit_put(&s, (struct view) { line, sizeof line });
	if (size < sizeof line)
		submit_put(&s, (struct view) { line, size });
	if (fail_it)
		submit_fail(&s);
	submit_sender(&s, VIEW("joe@example.org"));
	submit_recipient(&s, VIEW("ann@example.com"));
	submit_recipient(&s, VIEW("bob@example.com"));
	submit_close(&s, v);
}

static const struct {
	int code;
	enum submit_class class;
	const char *text;
} codes[] = {
	{ 0, SUBMIT_OK, "" },
	{ 1, SUBMIT_TEMPORARY, "qq temporary problem (#4.3.0)" },
	{ 10, SUBMIT_TEMPORARY, "qq temporary problem (#4.3.0)" },
	{ 11, SUBMIT_PERMANENT, "envelope address too long for qq (#5.1.3)" },
	{ 12, SUBMIT_PERMANENT, "qq permanent problem (#5.3.0)" },
	{ 30, SUBMIT_PERMANENT, "qq permanent problem (#5.3.0)" },
	{ 31, SUBMIT_PERMANENT, "mail server permanently rejected message (#5.3.0)" },
	{ 32, SUBMIT_PERMANENT, "qq permanent problem (#5.3.0)" },
	{ 40, SUBMIT_PERMANENT, "qq permanent problem (#5.3.0)" },
	{ 41, SUBMIT_TEMPORARY, "qq temporary problem (#4.3.0)" },
	{ 50, SUBMIT_TEMPORARY, "qq temporary problem (#4.3.0)" },
	{ 51, SUBMIT_TEMPORARY, "qq out of memory (#4.3.0)" },
	{ 52, SUBMIT_TEMPORARY, "qq timeout (#4.3.0)" },
	{ 53, SUBMIT_TEMPORARY, "qq write error or disk full (#4.3.0)" },
	{ 54, SUBMIT_TEMPORARY, "qq read error (#4.3.0)" },
	{ 55, SUBMIT_TEMPORARY, "qq unable to read configuration (#4.3.0)" },
	{ 56, SUBMIT_TEMPORARY, "qq trouble making network connection (#4.3.0)" },
	{ 61, SUBMIT_TEMPORARY, "qq trouble in home directory (#4.3.0)" },
	{ 62, SUBMIT_TEMPORARY, "qq trouble creating files in queue (#4.3.0)" },
	{ 63, SUBMIT_TEMPORARY, "qq trouble creating files in queue (#4.3.0)" },
	{ 64, SUBMIT_TEMPORARY, "qq trouble creating files in queue (#4.3.0)" },
	{ 65, SUBMIT_TEMPORARY, "qq trouble creating files in queue (#4.3.0)" },
	{ 66, SUBMIT_TEMPORARY, "qq trouble creating files in queue (#4.3.0)" },
	{ 71, SUBMIT_TEMPORARY, "mail server temporarily rejected message (#4.3.0)" },
	{ 72, SUBMIT_TEMPORARY, "connection to mail server timed out (#4.4.1)" },
	{ 73, SUBMIT_TEMPORARY, "connection to mail server rejected (#4.4.1)" },
	{ 74, SUBMIT_TEMPORARY, "communication with mail server failed (#4.4.2)" },
	{ 81, SUBMIT_TEMPORARY, "qq internal bug (#4.3.0)" },
	{ 82, SUBMIT_TEMPORARY, "qq temporary problem (#4.3.0)" },
	{ 88, SUBMIT_TEMPORARY, "qq temporary problem (#4.3.0)" },
	{ 91, SUBMIT_TEMPORARY, "qq internal bug (#4.3.0)" },
	{ 99, SUBMIT_TEMPORARY, "qq temporary problem (#4.3.0)" },
	{ 100, SUBMIT_TEMPORARY, "qq temporary problem (#4.3.0)" },
	{ 111, SUBMIT_TEMPORARY, "qq temporary problem (#4.3.0)" },
	{ 115, SUBMIT_PERMANENT, "envelope address too long for qq (#5.1.3)" },
	{ 120, SUBMIT_TEMPORARY, "unable to exec qq (#4.3.0)" },
	{ 255, SUBMIT_TEMPORARY, "qq temporary problem (#4.3.0)" },
};

static void
exit_codes(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof codes / sizeof *codes; i++) {
		struct submit_verdict v;
		char body[64];

		snprintf(body, sizeof body, "cat >/dev/null; cat <&1 >/dev/null; exit %d",
		    codes[i].code);
		run(body, 100, false, &v);
		expect(body, &v, codes[i].class, codes[i].text);
		assert_int_equal(v.exit_code, codes[i].code);
		assert_int_equal(v.letter, 0);
		submit_verdict_free(&v);
	}
}

#define READ_ALL "cat >/dev/null; cat <&1 >/dev/null; "

static const struct {
	const char *name, *body;
	size_t size;
	bool fail;
	enum submit_class class;
	const char *text;
	int exit_code;
} cases[] = {
	{ "killed", "kill -9 $$", 100, false, SUBMIT_TEMPORARY, "qq crashed (#4.3.0)",
	    -1 },
	{ "82 on 6", READ_ALL "printf 'Dno thanks (#5.7.1)' >&6; exit 82", 100, false,
	    SUBMIT_PERMANENT, "no thanks (#5.7.1)", 82 },
	{ "82 on 4", READ_ALL "printf 'Zlater (#4.7.1)' >&4; exit 82", 100, false,
	    SUBMIT_TEMPORARY, "later (#4.7.1)", 82 },
	{ "88 on 4", READ_ALL "printf 'Dvirus' >&4; exit 88", 100, false,
	    SUBMIT_PERMANENT, "virus", 88 },
	{ "88 on 6", READ_ALL "printf 'Dvirus' >&6; exit 88", 100, false,
	    SUBMIT_PERMANENT, "virus", 88 },
	{ "other letter", READ_ALL "printf 'Xwhat' >&6; exit 82", 100, false,
	    SUBMIT_TEMPORARY, "what", 82 },
	{ "two bytes are no text", READ_ALL "printf 'Da' >&6; exit 82", 100, false,
	    SUBMIT_TEMPORARY, "qq temporary problem (#4.3.0)", 82 },
	{ "text without meaning", READ_ALL "printf 'Dno thanks' >&6; exit 31", 100, false,
	    SUBMIT_PERMANENT, "mail server permanently rejected message (#5.3.0)", 31 },
	{ "line ends dropped (D6)",
	    READ_ALL "printf 'Dno\\r\\n250 ok\\033[1m\\177\\000\\n' >&6; exit 82", 100,
	    false, SUBMIT_PERMANENT, "no250 ok[1m", 82 },
	{ "only control octets", READ_ALL "printf 'D\\r\\n\\n' >&6; exit 82", 100, false,
	    SUBMIT_TEMPORARY, "qq temporary problem (#4.3.0)", 82 },
	{ "early text does not deadlock",
	    "i=0; while [ $i -lt 3000 ]; do echo "
	    "Zaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa; i=$((i+1)); done "
	    ">&6; cat >/dev/null; cat <&1 >/dev/null; exit 31",
	    300 * 4096, false, SUBMIT_PERMANENT,
	    "mail server permanently rejected message (#5.3.0)", 31 },
	{ "a holder of the pipe is not waited for (D7)",
	    READ_ALL "mkfifo fifo; cat <fifo >/dev/null & printf 'Dspam' >&6; exit 82",
	    100, false, SUBMIT_PERMANENT, "spam", 82 },
	{ "a holder of the message pipe who does not read it is not waited for",
	    "sleep 30 5<&0 >/dev/null 2>&1 4>&1 6>&1 & exit 31", 300 * 4096, false,
	    SUBMIT_PERMANENT, "mail server permanently rejected message (#5.3.0)", 31 },
	/* it waits for the envelope, or it might be gone before the message is written */
	{ "0 without reading, small (D35)", "cat <&1 >/dev/null; exit 0", 100, false,
	    SUBMIT_OK, "", 0 },
	{ "0 without reading, large", "exit 0", 100 * 4096, false, SUBMIT_TEMPORARY,
	    "qq read error (#4.3.0)", 54 },
	{ "31 without reading, large", "exit 31", 100 * 4096, false, SUBMIT_PERMANENT,
	    "mail server permanently rejected message (#5.3.0)", 31 },
	{ "message closed early, envelope read", "exec <&-; cat <&1 >/dev/null; exit 0",
	    100 * 4096, false, SUBMIT_TEMPORARY, "qq read error (#4.3.0)", 54 },
	{ "failed by us, 0", READ_ALL "exit 0", 100, true, SUBMIT_TEMPORARY,
	    "qq read error (#4.3.0)", 54 },
	{ "failed by us, envelope is empty",
	    "cat >/dev/null; test -z \"$(cat <&1)\" && exit 54; exit 0", 100, true,
	    SUBMIT_TEMPORARY, "qq read error (#4.3.0)", 54 },
	{ "not executable: 120", NULL, 100, false, SUBMIT_TEMPORARY,
	    "unable to exec qq (#4.3.0)", 120 },
};

static void
endings(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct submit_verdict v;

		if (cases[i].body) {
			run(cases[i].body, cases[i].size, cases[i].fail, &v);
		} else {
			setenv("QMAILQUEUE", "bin/absent", 1);
			run("exit 0", cases[i].size, cases[i].fail, &v);
			unsetenv("QMAILQUEUE");
		}
		expect(cases[i].name, &v, cases[i].class, cases[i].text);
		if (v.exit_code != cases[i].exit_code)
			fail_msg("%s: exit code %d", cases[i].name, v.exit_code);
		submit_verdict_free(&v);
		if (access("fifo", F_OK) == 0) { /* let the holder go */
			int fd = open("fifo", O_WRONLY);

			close(fd);
			unlink("fifo");
		}
	}
}

static void
text_is_cut(void **state)
{
	struct submit_verdict v;

	(void)state;
	run(READ_ALL "printf 'D%0300d' 7 >&6; exit 82", 10, false, &v);
	assert_int_equal(v.class, SUBMIT_PERMANENT);
	assert_int_equal(v.text.len, SUBMIT_TEXT_MAX - 1);
	assert_int_equal(v.letter, 'D');
	submit_verdict_free(&v);
}

static void
environment(void **state)
{
	static struct submit s;
	struct env_list env = { 0 };
	struct submit_verdict v;

	(void)state;
	write_program("bin/other",
	    "cat >/dev/null; cat <&1 >/dev/null; printf 'D%s' \"$MARK\" >&9; exit 82");
	env_list_inherit(&env);
	env_list_set(&env, "QMAILQUEUE", VIEW("bin/other"));
	env_list_set(&env, "ERROR_FD", VIEW("9"));
	env_list_set(&env, "MARK", VIEW("from the list"));
	assert_int_equal(submit_open(&s, &env), 0);
	submit_sender(&s, VIEW(""));
	submit_close(&s, &v);
	expect("environment list", &v, SUBMIT_PERMANENT, "from the list");
	submit_verdict_free(&v);
	env_list_free(&env);

	setenv("QMAILQUEUE", "", 1); /* set but empty: exec of "" fails */
	run("exit 0", 10, false, &v);
	unsetenv("QMAILQUEUE");
	expect("empty QMAILQUEUE", &v, SUBMIT_TEMPORARY, "unable to exec qq (#4.3.0)");
	submit_verdict_free(&v);
}

/* The bytes on both pipes, the descriptors and the argument, seen from inside. */
static void
what_the_program_sees(void **state)
{
	struct submit_verdict v;
	struct str seen = { 0 };

	(void)state;
	run("cat >message; cat <&1 >envelope; printf '%s|%s' \"$0\" $# >args; "
	    "[ /proc/self/fd/4 -ef /proc/self/fd/6 ] || exit 1; exit 0",
	    5, false, &v);
	assert_int_equal(v.class, SUBMIT_OK);
	submit_verdict_free(&v);
	assert_int_equal(fd_read_file("message", &seen, 1000), 0);
	assert_string_equal(str_text(&seen), "xxxxx");
	str_clear(&seen);
	assert_int_equal(fd_read_file("envelope", &seen, 1000), 0);
	assert_true(view_equal(str_view(&seen),
	    VIEW("Fjoe@example.org\0Tann@example.com\0Tbob@example.com\0\0")));
	str_clear(&seen);
	assert_int_equal(fd_read_file("args", &seen, 1000), 0);
	assert_string_equal(str_text(&seen), "bin/qmail-queue|0");
	str_free(&seen);
}

static void
nul_in_an_address(void **state)
{
	static struct submit s;
	struct submit_verdict v;

	(void)state;
	write_program("bin/qmail-queue", "cat >/dev/null; cat <&1 >envelope; exit 0");
	assert_int_equal(submit_open(&s, NULL), 0);
	submit_sender(&s, VIEW("joe@example.org"));
	submit_recipient(&s, VIEW("ann\0Teve@example.com"));
	submit_close(&s, &v);
	expect("NUL in an address", &v, SUBMIT_TEMPORARY, "qq read error (#4.3.0)");
	submit_verdict_free(&v);
}

/* Whoever ignores SIGCHLD has no status to judge by. */
static void
no_status(void **state)
{
	struct submit_verdict v;

	(void)state;
	signal(SIGCHLD, SIG_IGN);
	run("exit 0", 10, false, &v);
	signal(SIGCHLD, SIG_DFL);
	expect("no status", &v, SUBMIT_TEMPORARY, "qq waitpid surprise (#4.3.0)");
	assert_int_equal(v.exit_code, -1);
	submit_verdict_free(&v);
}

/* No pipes: -1, nothing to close, and no descriptor lost. */
static void
no_descriptors(void **state)
{
	static struct submit s;
	struct rlimit old, few;
	int before, after;

	(void)state;
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &old), 0);
	before = dup(0);
	close(before);
	few = old;
	for (few.rlim_cur = (rlim_t)before; few.rlim_cur < (rlim_t)before + 7;
	     few.rlim_cur++) {
		assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
		if (submit_open(&s, NULL) == 0) {
			struct submit_verdict v;

			submit_close(&s, &v);
			assert_int_not_equal(v.class, SUBMIT_OK);
			submit_verdict_free(&v);
		}
	}
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &old), 0);
	after = dup(0);
	close(after);
	assert_int_equal(after, before);
}

/* A broker that starts children as we do, and counts who is killed. */
struct counting {
	struct spawn_broker hooks;
	int kills;
};

static pid_t
start_it(void *context, const struct spawn *child)
{
	struct counting *c = context;
	pid_t pid;

	spawn_through(NULL);
	pid = spawn_start(child);
	spawn_through(&c->hooks);
	return pid;
}

static int
watch_it(void *context, pid_t pid)
{
	struct counting *c = context;
	int fd;

	spawn_through(NULL);
	fd = spawn_watch(pid);
	spawn_through(&c->hooks);
	return fd;
}

static int
wait_for_it(void *context, pid_t pid, struct deadline deadline, int *status)
{
	struct counting *c = context;
	int result;

	spawn_through(NULL);
	result = spawn_wait(pid, deadline, status);
	spawn_through(&c->hooks);
	return result;
}

static int
kill_it(void *context, pid_t pid, int signal_number)
{
	struct counting *c = context;

	c->kills++;
	return kill(pid, signal_number);
}

/* The pid of a broker's child may be another's by now: only the broker knows. */
static void
a_broker_kills_what_hangs(void **state)
{
	static struct submit s;
	struct counting c = { { start_it, watch_it, wait_for_it, kill_it, &c }, 0 };
	struct submit_verdict v;

	(void)state;
	write_program("bin/qmail-queue", "exec sleep 100");
	spawn_through(&c.hooks);
	assert_int_equal(submit_open(&s, NULL), 0);
	s.deadline = deadline_in_ms(1);
	submit_sender(&s, VIEW("joe@example.org"));
	submit_recipient(&s, VIEW("ann@example.com"));
	submit_close(&s, &v);
	spawn_through(NULL);
	assert_int_equal(c.kills, 1);
	assert_int_equal(v.class, SUBMIT_TEMPORARY);
	submit_verdict_free(&v);
}

static int
enter_home(void **state)
{
	(void)state;
	signal(SIGPIPE, SIG_IGN);
	unsetenv("QMAILQUEUE");
	unsetenv("ERROR_FD");
	return mkdtemp(home) && chdir(home) == 0 && mkdir("bin", 0755) == 0 ? 0 : -1;
}

static int
remove_home(void **state)
{
	static const char *const files[] = { "bin/qmail-queue", "bin/other", "message",
		"envelope", "args", "fifo" };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof files / sizeof *files; i++)
		unlink(files[i]);
	rmdir("bin");
	return chdir("/") == 0 ? rmdir(home) : -1;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(exit_codes),
		cmocka_unit_test(endings),
		cmocka_unit_test(text_is_cut),
		cmocka_unit_test(environment),
		cmocka_unit_test(what_the_program_sees),
		cmocka_unit_test(nul_in_an_address),
		cmocka_unit_test(no_status),
		cmocka_unit_test(no_descriptors),
		cmocka_unit_test(a_broker_kills_what_hangs),
	};

	return cmocka_run_group_tests(tests, enter_home, remove_home);
}
