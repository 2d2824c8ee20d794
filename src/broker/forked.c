#include "broker/forked.h"

#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/fd.h"
#include "os/os.h"
#include "os/signals.h"

/* The client's connection is open as long as any process has it. */
static _Noreturn void
be_the_broker(int fd, const struct broker_rules *rules, const struct log *log)
{
	fd_move(0, fd);
	fd_set_cloexec(0);
	close(1);
	os_close_from(3);
	fd_fill_standard();
	/* What is meant for the session ends the session, and then us. */
	os_signal_block(SIGHUP, true);
	service_run_forked(0, rules, log);
	_exit(0);
}

int
forked_start(struct broker *b, const struct broker_rules *rules, const struct log *log)
{
	int pair[2];
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return -1;
	pid = fork();
	if (pid == 0)
		be_the_broker(pair[1], rules, log);
	fd_close(&pair[1]);
	if (pid < 0) {
		fd_close(&pair[0]);
		return -1;
	}
	broker_take(b, pair[0], pid);
	return 0;
}
