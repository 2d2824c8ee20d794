/* os: randomness, wiping, closing, clocks, the peer of a socket. */
#include "os/os.h"

#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "unit/unit.h"

static void
random_bytes_differ(void **state)
{
	unsigned char a[32] = { 0 }, b[32] = { 0 };

	(void)state;
	os_random(a, sizeof a);
	os_random(b, sizeof b);
	assert_memory_not_equal(a, b, sizeof a);
	os_random(a, 0);
}

static void
wiping(void **state)
{
	char secret[] = "secret";

	(void)state;
	os_wipe(secret, sizeof secret);
	assert_int_equal(secret[0] | secret[5], 0);
}

static void
closing_from(void **state)
{
	int status = 0;
	pid_t pid = fork();

	(void)state;
	assert_true(pid >= 0);
	if (pid == 0) {
		assert_int_equal(dup2(1, 40), 40);
		os_close_from(30);
		_exit(fcntl(40, F_GETFD) == -1 && fcntl(1, F_GETFD) != -1 ? 0 : 1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static void
clocks_do_not_step_back(void **state)
{
	int64_t a = os_monotonic_ms(), b = os_boottime_ms();

	(void)state;
	assert_true(a > 0 && os_monotonic_ms() >= a);
	assert_true(b >= a - 1 && os_boottime_ms() >= b);
}

static void
the_peer_is_ourselves(void **state)
{
	int pair[2];
	uid_t uid = 12345;
	pid_t pid = 0;

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
	assert_int_equal(os_peer_credentials(pair[0], &uid, &pid), 0);
	assert_int_equal(uid, geteuid());
	assert_int_equal(pid, getpid());
	close(pair[0]);
	close(pair[1]);
	assert_int_equal(os_peer_credentials(-1, &uid, &pid), -1);
	assert_false(os_is_privileged());
}

static void
no_core(void **state)
{
	struct rlimit limit;

	(void)state;
	os_no_core();
	assert_int_equal(getrlimit(RLIMIT_CORE, &limit), 0);
	assert_int_equal(limit.rlim_cur, 0);
}

static void
secrets_are_kept(void **state)
{
	(void)state;
	assert_int_equal(prctl(PR_GET_DUMPABLE, 0, 0, 0, 0), 1);
	os_keep_secrets();
	assert_int_equal(prctl(PR_GET_DUMPABLE, 0, 0, 0, 0), 0);
	prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_bytes_differ),
		cmocka_unit_test(wiping),
		cmocka_unit_test(closing_from),
		cmocka_unit_test(clocks_do_not_step_back),
		cmocka_unit_test(the_peer_is_ourselves),
		cmocka_unit_test(no_core),
		cmocka_unit_test(secrets_are_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
