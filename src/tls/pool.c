#define _GNU_SOURCE
#include "tls/pool.h"

#include <errno.h>
#include <openssl/err.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "config/leastprivilege.h"
#include "lib/fd.h"
#include "os/os.h"
#include "tls/tickets.h"
#include "tls/tlsplan.h"
#include "tls/warm.h"
#include "wire/serve.h"

enum {
	SPARE = 2,      /* idle children that the parent keeps ready */
	SPARE_MOST = 4, /* above that, one that was idle for long ends */
	LONG_SECONDS = 30,
	RENEW_MS = 3600 * 1000,
	PAUSE_MS = 1000,  /* after a fork that failed, or a child that died badly */
	GRACE_MS = 200,   /* that a caller may wait when all children are busy */
	REFUSED_MAX = 16, /* of those, before the parent looks around again */
	EXIT_TROUBLE = 111,
};

enum state { STATE_NONE, STATE_IDLE, STATE_BUSY };

/* Shared with the children, each of which writes its own `state`. */
struct slot {
	atomic_int state;
	pid_t pid; /* the parent's */
};

struct loop {
	const struct pool *pool;
	struct slot *slots;
	int listener, signals;
	int poke[2]; /* a child writes an octet when nobody is idle any more */
	pid_t parent;
	sigset_t before;
	bool paused;
};

static size_t
count_idle(const struct loop *l)
{
	size_t i, idle = 0;

	for (i = 0; i < l->pool->children; i++)
		idle += atomic_load(&l->slots[i].state) == STATE_IDLE;
	return idle;
}

/* --- the child --- */

/* True with a connection; false when the child has to end. */
static bool
await_caller(const struct loop *l, int *caller)
{
	for (;;) {
		*caller = serve_accept(l->listener);
		if (*caller >= 0)
			return true;
		if (errno != EAGAIN && errno != EWOULDBLOCK && errno != ECONNABORTED)
			return false;
		if (getppid() != l->parent) {
			/* Killed: whoever is started in its place must find this free. */
			shutdown(l->listener, SHUT_RD);
			return false;
		}
		if (errno != ECONNABORTED && count_idle(l) > SPARE_MOST)
			return false;
	}
}

static _Noreturn void
be_the_child(struct loop *l, struct slot *slot)
{
	uint64_t left = l->pool->sessions;
	struct restrict_plan plan = tlsplan(true);
	int caller;

	fd_close(&l->signals);
	fd_close(&l->poke[0]);
	sigprocmask(SIG_SETMASK, &l->before, NULL);
	if (leastprivilege_enter(&plan) < 0)
		_exit(EXIT_TROUBLE);
	while (left > 0) {
		atomic_store(&slot->state, STATE_IDLE);
		if (!await_caller(l, &caller))
			break;
		atomic_store(&slot->state, STATE_BUSY);
		if (count_idle(l) == 0)
			fd_write(l->poke[1], "", 1);
		if (session_serve(l->pool->service, caller))
			left--;
		ERR_clear_error();
	}
	_exit(0);
}

/* --- the parent --- */

/* What all children need, done once: the usual certificate, or the system's trust store.  One
 * that cannot be had now is tried again in the child, which can tell the caller. */
static SSL_CTX *
prepare(const struct loop *l)
{
	struct service *s = l->pool->service;
	struct str reason = { 0 };
	SSL_CTX *ctx = s->side == SESSION_SERVER
	    ? context_server(&s->servers, CONTEXT_CERTIFICATE, &reason)
	    : context_client(&s->clients, NULL, &reason);

	if (s->servers.tickets)
		tickets_renew(s->servers.tickets, time(NULL));
	str_free(&reason);
	return ctx;
}

static struct slot *
free_slot(const struct loop *l)
{
	size_t i;

	for (i = 0; i < l->pool->children; i++)
		if (l->slots[i].pid == 0)
			return &l->slots[i];
	return NULL;
}

static void
fork_children(struct loop *l)
{
	size_t idle = count_idle(l);
	struct slot *slot;
	pid_t pid;

	if (idle < SPARE)
		prepare(l);
	for (; idle < SPARE && (slot = free_slot(l)) != NULL; idle++) {
		atomic_store(&slot->state, STATE_IDLE);
		pid = fork();
		if (pid == 0)
			be_the_child(
			    l, slot); /* the slot is shared: its pid is not ours */
		slot->pid = pid > 0 ? pid : 0;
		if (pid < 0) {
			atomic_store(&slot->state, STATE_NONE);
			l->paused = true;
			serve_tell(l->pool->log, l->pool->name, "cannot fork", errno);
			return;
		}
	}
}

static void
tell_of_death(const struct loop *l, pid_t pid, int status)
{
	int code = WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status);
	struct log_line line;

	log_begin(&line, l->pool->log, LOG_SERVE);
	log_add_text(&line, KEY_HELPER, l->pool->name);
	log_add_text(
	    &line, KEY_REASON, WIFSIGNALED(status) ? "worker killed" : "worker failed");
	log_add_u64(&line, KEY_PID, (uint64_t)pid);
	log_add_u64(&line, KEY_CODE, (uint64_t)code);
	log_end(&line);
}

static void
reap(struct loop *l)
{
	int status;
	pid_t pid;
	size_t i;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		for (i = 0; i < l->pool->children; i++)
			if (l->slots[i].pid == pid) {
				l->slots[i].pid = 0;
				atomic_store(&l->slots[i].state, STATE_NONE);
			}
		if (status != 0) {
			tell_of_death(l, pid, status);
			l->paused = true;
		}
	}
}

/* There are no more children, and all have a session.  A server's caller has a client who waits: that
 * one is told at once.  A client's caller waits itself, and has nobody else to go to. */
static bool
is_full(const struct loop *l)
{
	return l->pool->service->side == SESSION_SERVER && !free_slot(l) &&
	    count_idle(l) == 0;
}

static int
set_patience(const struct loop *l, long seconds, long microseconds)
{
	struct timeval patience = { seconds, microseconds };

	return setsockopt(
	    l->listener, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
}

/* A child that has become idle may be quicker, and the socket, which it shares, blocks. */
static int
accept_now(const struct loop *l)
{
	int caller;

	set_patience(l, 0, 1000);
	caller = serve_accept(l->listener);
	set_patience(l, LONG_SECONDS, 0);
	return caller;
}

/* Most sessions are short: whoever waits gets a child of theirs, mostly. */
static void
refuse_callers(const struct loop *l)
{
	int caller, refused;

	if (fd_wait_readable(l->signals, deadline_in_ms(GRACE_MS)) == 0)
		return;
	for (refused = 0; refused < REFUSED_MAX && is_full(l); refused++) {
		if (fd_wait_readable(l->listener, deadline_in_ms(0)) < 0)
			return;
		caller = accept_now(l);
		if (caller < 0)
			return;
		session_refuse(caller, "all its children are busy");
	}
}

/* Wait for a child's poke, a child's end, a caller that nobody serves, or the time; false at SIGTERM. */
static bool
turn(struct loop *l)
{
	struct pollfd wait[3] = { { l->signals, POLLIN, 0 }, { l->poke[0], POLLIN, 0 },
		{ is_full(l) ? l->listener : -1, POLLIN, 0 } };
	char waste[64];
	int sig;

	if (l->paused)
		wait[1].fd = -1;
	if (poll(wait, 3, l->paused ? PAUSE_MS : RENEW_MS) < 0 && errno != EINTR)
		return false;
	l->paused = false;
	if (wait[1].revents)
		fd_read(l->poke[0], waste, sizeof waste);
	while ((sig = serve_next_signal(l->signals)) != 0) {
		if (sig != SIGCHLD)
			return false;
		reap(l);
	}
	if (!l->paused)
		fork_children(l);
	if (wait[2].revents)
		refuse_callers(l);
	return true;
}

static int
start(struct loop *l)
{
	void *slots;

	l->listener = serve_listen(l->pool->name);
	if (l->listener < 0)
		return -1;
	slots = mmap(NULL, l->pool->children * sizeof *l->slots, PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (slots == MAP_FAILED || fd_pipe(l->poke) < 0 ||
	    fd_set_blocking(l->poke[1], 0) < 0)
		return -1;
	l->slots = slots;
	/* Children wait in accept(2), where the kernel wakes just one of them. */
	if (fd_set_blocking(l->listener, 1) < 0 || set_patience(l, LONG_SECONDS, 0) < 0)
		return -1;
	l->signals = serve_signals(&l->before);
	return l->signals < 0 ? -1 : 0;
}

int
pool_run(const struct pool *pool)
{
	struct service *s = pool->service;
	struct loop l = { .pool = pool, .parent = getpid() };
	SSL_CTX *ctx;

	if (start(&l) < 0)
		return -1;
	ctx = prepare(&l);
	warm_up(s->side == SESSION_SERVER ? ctx : NULL,
	    s->side == SESSION_CLIENT ? ctx : NULL);
	os_tidy_heap();
	serve_tell(pool->log, pool->name, "started", 0);
	fork_children(&l);
	while (turn(&l))
		continue;
	/* On a listening socket this ends accept(2) in all who share it. */
	shutdown(l.listener, SHUT_RD);
	serve_tell(pool->log, pool->name, "stopped", 0);
	return 0;
}
