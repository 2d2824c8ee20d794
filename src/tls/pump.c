#define _GNU_SOURCE
#include "tls/pump.h"

#include <errno.h>
#include <limits.h>
#include <openssl/err.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/fd.h"
#include "os/os.h"

static bool
is_empty(const struct pump_flow *flow)
{
	return flow->start == flow->end;
}

static void
filled(struct pump_flow *flow, size_t n)
{
	flow->end += n;
	if (flow->end > flow->high)
		flow->high = flow->end;
}

static void
emptied(struct pump_flow *flow)
{
	flow->start = flow->end = 0;
}

/* What an operation on the TLS session that did not succeed waits for.  Anything but waiting, or
 * a proper end of reading, means that the session is dead.  (A write that fails after the peer's
 * close_notify is called "zero return" as well.) */
static enum pump_want
judge(struct pump *p, int result, bool reading)
{
	int error = SSL_get_error(p->ssl, result);

	if (error == SSL_ERROR_WANT_READ)
		return PUMP_WANT_IN;
	if (error == SSL_ERROR_WANT_WRITE)
		return PUMP_WANT_OUT;
	if (error == SSL_ERROR_ZERO_RETURN && reading)
		p->net_eof = true;
	else
		p->net_dead = true;
	ERR_clear_error();
	return PUMP_WANT_NOTHING;
}

static bool
wants_net(const struct pump *p)
{
	return !p->net_eof && !p->net_dead && !p->plain_deaf && is_empty(&p->to_plain);
}

static bool
wants_plain(const struct pump *p)
{
	return !p->plain_eof && !p->net_dead && is_empty(&p->to_net);
}

static void
read_net(struct pump *p)
{
	struct pump_flow *flow = &p->to_plain;
	size_t got;

	if (!wants_net(p) || p->net_read != PUMP_WANT_NOTHING)
		return;
	emptied(flow);
	while (flow->end < PUMP_BUFFER && !p->net_eof && !p->net_dead &&
	    p->net_read == PUMP_WANT_NOTHING) {
		int result = SSL_read_ex(
		    p->ssl, flow->bytes + flow->end, PUMP_BUFFER - flow->end, &got);

		if (result != 1)
			p->net_read = judge(p, result, true);
		else
			filled(flow, got);
		/* Nothing left of what was read: ask poll, not the network again. */
		if (result == 1 && !SSL_has_pending(p->ssl))
			p->net_read = PUMP_WANT_IN;
	}
}

static void
write_plain(struct pump *p)
{
	struct pump_flow *flow = &p->to_plain;

	while (!is_empty(flow) && p->plain_write == PUMP_WANT_NOTHING) {
		ssize_t put = send(p->plain, flow->bytes + flow->start,
		    flow->end - flow->start, MSG_DONTWAIT | MSG_NOSIGNAL);

		if (put >= 0) {
			flow->start += (size_t)put;
		} else if (errno == EAGAIN || errno == EWOULDBLOCK) {
			p->plain_write = PUMP_WANT_OUT;
		} else if (errno != EINTR) {
			/* It reads no more; what it has written may still be there. */
			p->plain_deaf = true;
			emptied(flow);
		}
	}
	if ((p->net_eof || p->net_dead) && is_empty(flow) && !p->eof_told) {
		shutdown(p->plain, SHUT_WR);
		p->eof_told = true;
	}
}

static void
read_plain(struct pump *p)
{
	struct pump_flow *flow = &p->to_net;
	ssize_t got;

	if (!wants_plain(p) || p->plain_read != PUMP_WANT_NOTHING)
		return;
	emptied(flow);
	do
		got = recv(p->plain, flow->bytes, PUMP_BUFFER, MSG_DONTWAIT);
	while (got < 0 && errno == EINTR);
	if (got > 0)
		filled(flow, (size_t)got);
	else if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
		p->plain_read = PUMP_WANT_IN;
	else
		p->plain_eof = true;
	if (got > 0 && got < PUMP_BUFFER)
		p->plain_read = PUMP_WANT_IN;
}

static void
note_stuck(struct pump *p)
{
	if (!p->stuck)
		p->write_by =
		    p->write_ms < 0 ? deadline_never() : deadline_in_ms(p->write_ms);
	p->stuck = true;
}

static void
say_close(struct pump *p)
{
	int result = SSL_shutdown(p->ssl);

	if (result < 0) {
		p->net_write = judge(p, result, false);
		if (p->net_write != PUMP_WANT_NOTHING)
			note_stuck(p);
		return;
	}
	shutdown(p->out, SHUT_WR); /* fails on a pipe, which ends by being closed */
	p->close_told = true;
	/* The peer owes us its own end now. */
	p->stuck = false;
	note_stuck(p);
}

static void
write_net(struct pump *p)
{
	struct pump_flow *flow = &p->to_net;
	size_t put;

	while (!is_empty(flow) && !p->net_dead && p->net_write == PUMP_WANT_NOTHING) {
		int result = SSL_write_ex(
		    p->ssl, flow->bytes + flow->start, flow->end - flow->start, &put);

		if (result == 1) {
			flow->start += put;
			p->stuck = false;
			continue;
		}
		p->net_write = judge(p, result, false);
		note_stuck(p);
	}
	if (p->plain_eof && is_empty(flow) && !p->net_dead && !p->close_told &&
	    p->net_write == PUMP_WANT_NOTHING)
		say_close(p);
}

static bool
is_over(const struct pump *p)
{
	if (p->net_dead)
		return is_empty(&p->to_plain);
	return p->close_told && ((p->net_eof && is_empty(&p->to_plain)) || p->plain_deaf);
}

static short
events(bool in, bool out)
{
	return (short)((in ? POLLIN : 0) | (out ? POLLOUT : 0));
}

static void
settle(enum pump_want *want, enum pump_want happened)
{
	if (*want == happened)
		*want = PUMP_WANT_NOTHING;
}

static int
patience_ms(const struct pump *p)
{
	if (p->stuck)
		return deadline_left_ms(p->write_by);
	return p->idle_ms < 0 ? -1 : p->idle_ms > INT_MAX ? INT_MAX : (int)p->idle_ms;
}

/* What a session needs just while octets go is given back: OpenSSL's buffers, and what the handshake
 * or a large message left on the heap. */
static void
rest(struct pump *p)
{
	SSL_free_buffers(p->ssl);
	os_tidy_heap();
	p->rested = true;
}

/* As poll(2), 0 when patience has ended.  -1 also after a rest: look again. */
static int
poll_and_rest(struct pump *p, struct pollfd *wait, nfds_t count)
{
	int patience = patience_ms(p), ready;
	bool may_rest = p->rest_ms > 0 && !p->rested && !p->stuck &&
	    (patience < 0 || patience > p->rest_ms);

	ready = poll(wait, count, may_rest ? p->rest_ms : patience);
	if (ready == 0 && may_rest) {
		rest(p);
		errno = EINTR;
		return -1;
	}
	if (ready > 0)
		p->rested = false;
	return ready;
}

/* Wait until something that stood in the way may have changed.  A descriptor of which nothing is
 * wanted is left out, or its hang-up would wake us for ever; of a plaintext that has ended, just
 * the hang-up is wanted: it says that nobody reads there either. */
static void
wait_for_change(struct pump *p)
{
	bool reading = wants_net(p);
	struct pollfd wait[3] = {
		{ p->in,
		    events((reading && p->net_read == PUMP_WANT_IN) ||
			    p->net_write == PUMP_WANT_IN,
			false),
		    0 },
		{ p->out,
		    events(false,
			(reading && p->net_read == PUMP_WANT_OUT) ||
			    p->net_write == PUMP_WANT_OUT),
		    0 },
		{ p->plain, events(wants_plain(p), !is_empty(&p->to_plain)), 0 },
	};
	bool hangup_wanted = p->plain_eof && !p->plain_deaf;
	int ready;

	if (!wait[0].events)
		wait[0].fd = -1;
	if (!wait[1].events)
		wait[1].fd = -1;
	if (!wait[2].events && !hangup_wanted)
		wait[2].fd = -1;
	ready = poll_and_rest(p, wait, 3);
	if (ready < 0 && errno == EINTR)
		return;
	if (ready <= 0) {
		p->net_dead = p->plain_deaf = true;
		emptied(&p->to_plain);
		return;
	}
	if (wait[0].revents) {
		settle(&p->net_read, PUMP_WANT_IN);
		settle(&p->net_write, PUMP_WANT_IN);
	}
	if (wait[1].revents) {
		settle(&p->net_read, PUMP_WANT_OUT);
		settle(&p->net_write, PUMP_WANT_OUT);
	}
	if (wait[2].revents) {
		settle(&p->plain_read, PUMP_WANT_IN);
		settle(&p->plain_write, PUMP_WANT_OUT);
		if (hangup_wanted && (wait[2].revents & (POLLHUP | POLLERR)))
			p->plain_deaf = true;
	}
}

static bool
can_go_on(const struct pump *p)
{
	return (wants_net(p) && p->net_read == PUMP_WANT_NOTHING) ||
	    (wants_plain(p) && p->plain_read == PUMP_WANT_NOTHING) ||
	    (!is_empty(&p->to_plain) && p->plain_write == PUMP_WANT_NOTHING);
}

/* A socket closed with octets unread resets the connection, and the peer may then lose what we
 * sent last: take what is there. */
static void
drain(int fd)
{
	char waste[4096];
	int i;

	for (i = 0; i < 64; i++)
		if (fd_read(fd, waste, sizeof waste) <= 0)
			break;
}

void
pump_run(struct pump *p)
{
	for (;;) {
		read_net(p);
		write_plain(p);
		read_plain(p);
		write_net(p);
		if (is_over(p))
			break;
		if (!can_go_on(p))
			wait_for_change(p);
	}
	write_plain(p); /* may still have to tell EOF */
	if (!p->net_eof)
		drain(p->in);
	os_wipe(p->to_plain.bytes, p->to_plain.high);
	os_wipe(p->to_net.bytes, p->to_net.high);
}
