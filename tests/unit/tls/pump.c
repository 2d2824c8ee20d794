/* pump: octets in both directions over a real TLS session in this process and a child, whatever
 * the sizes of the pieces, and how either side ends. */
#include "tls/pump.h"

#include <errno.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "lib/fd.h"
#include "lib/mem.h"
#include "unit/tls/certificates.h"

/* What the tests hold: the plaintext of either side, [0] the server's, and the processes between. */
struct ends {
	int plain[2];
	pid_t pumps[2];
};

static SSL_CTX *
context(bool server)
{
	SSL_CTX *ctx = SSL_CTX_new(server ? TLS_server_method() : TLS_client_method());
	EVP_PKEY *key;
	X509 *x;

	SSL_CTX_set_options(ctx, SSL_OP_IGNORE_UNEXPECTED_EOF);
	SSL_CTX_set_mode(
	    ctx, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	SSL_CTX_set_read_ahead(ctx, 1);
	if (server) {
		key = EVP_EC_gen("P-256");
		x = make_certificate("mx.example.org", key, NULL, NULL, NULL);
		SSL_CTX_use_cert_and_key(ctx, x, key, NULL, 1);
		EVP_PKEY_free(key);
		X509_free(x);
	}
	return ctx;
}

/* Shake hands (blocking), then pump. */
static _Noreturn void
run_pump(int net, int plain, bool server, int write_ms, int idle_ms)
{
	SSL_CTX *ctx = context(server);
	SSL *ssl = SSL_new(ctx);
	struct pump *p = mem_alloc_zeroed(1, sizeof *p);

	SSL_set_fd(ssl, net);
	if ((server ? SSL_accept(ssl) : SSL_connect(ssl)) != 1)
		_exit(2);
	fd_set_blocking(net, 0);
	p->ssl = ssl;
	p->in = p->out = net;
	p->plain = plain;
	p->write_ms = write_ms;
	p->idle_ms = idle_ms;
	p->rest_ms = server; /* as soon as there is nothing to do */
	pump_run(p);
	_exit(0);
}

/* A pump on each side of a socketpair, in a process with nothing else open. */
static void
start_both(struct ends *e, int write_ms, int idle_ms)
{
	int net[2], plain[2][2];
	size_t i;

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, net), 0);
	for (i = 0; i < 2; i++) {
		assert_int_equal(
		    socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, plain[i]), 0);
		e->plain[i] = plain[i][0];
	}
	for (i = 0; i < 2; i++) {
		e->pumps[i] = fork();
		if (e->pumps[i] == 0) {
			close(net[1 - i]);
			close(plain[0][0]);
			close(plain[1][0]);
			close(plain[1 - i][1]);
			run_pump(net[i], plain[i][1], i == 0, write_ms, idle_ms);
		}
	}
	for (i = 0; i < 2; i++) {
		close(net[i]);
		close(plain[i][1]);
	}
}

static void
finish(struct ends *e)
{
	int status;

	fd_close(&e->plain[0]);
	fd_close(&e->plain[1]);
	assert_int_equal(waitpid(e->pumps[0], &status, 0), e->pumps[0]);
	assert_int_equal(waitpid(e->pumps[1], &status, 0), e->pumps[1]);
}

static unsigned char
octet(size_t side, size_t position)
{
	return (unsigned char)(position * 31 + position / 251 + side * 7);
}

/* One side of a conversation: sends `send` octets in pieces of random size, checks what comes. */
struct side {
	int fd;
	size_t number, sent, send, came, expected;
	bool ended, eof;
};

static void
step_out(struct side *s)
{
	unsigned char piece[20000];
	size_t len = (size_t)(rand() % (int)sizeof piece) + 1, i;
	ssize_t put;

	if (len > s->send - s->sent)
		len = s->send - s->sent;
	for (i = 0; i < len; i++)
		piece[i] = octet(s->number, s->sent + i);
	put = send(s->fd, piece, len, MSG_NOSIGNAL | MSG_DONTWAIT);
	if (put > 0)
		s->sent += (size_t)put;
	if (s->sent == s->send && !s->ended) {
		shutdown(s->fd, SHUT_WR);
		s->ended = true;
	}
}

static void
step_in(struct side *s)
{
	unsigned char piece[20000];
	size_t len = (size_t)(rand() % (int)sizeof piece) + 1;
	ssize_t got = recv(s->fd, piece, len, MSG_DONTWAIT), i;

	if (got == 0)
		s->eof = true;
	for (i = 0; i < got; i++)
		assert_int_equal(piece[i], octet(1 - s->number, s->came + (size_t)i));
	if (got > 0)
		s->came += (size_t)got;
}

static void
converse(struct ends *e, size_t to_client, size_t to_server)
{
	struct side sides[2] = {
		{ .fd = e->plain[0],
		    .number = 0,
		    .send = to_client,
		    .expected = to_server },
		{ .fd = e->plain[1],
		    .number = 1,
		    .send = to_server,
		    .expected = to_client },
	};
	size_t i;

	while (!sides[0].eof || !sides[1].eof) {
		struct pollfd wait[2];

		for (i = 0; i < 2; i++) {
			wait[i].fd = sides[i].eof && sides[i].ended ? -1 : sides[i].fd;
			wait[i].events = (short)((sides[i].eof ? 0 : POLLIN) |
			    (sides[i].ended ? 0 : POLLOUT));
		}
		assert_true(poll(wait, 2, 20000) > 0);
		for (i = 0; i < 2; i++) {
			if ((wait[i].revents & POLLOUT) && !sides[i].ended)
				step_out(&sides[i]);
			if ((wait[i].revents & (POLLIN | POLLHUP)) && !sides[i].eof)
				step_in(&sides[i]);
		}
	}
	assert_int_equal(sides[0].came, to_server);
	assert_int_equal(sides[1].came, to_client);
}

/* Each direction ends by itself: half-closes arrive as EOF, after all octets. */
static void
both_ways(void **state)
{
	static const struct {
		size_t to_client, to_server;
	} cases[] = {
		{ 0, 0 },
		{ 1, 0 },
		{ 0, 1 },
		{ 16384, 16385 },
		{ 65536, 65537 },
		{ 3000000, 10 },
		{ 10, 3000000 },
		{ 2000000, 2000000 },
	};
	size_t i;

	(void)state;
	srand(1);
	for (i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct ends e;

		start_both(&e, -1, -1);
		converse(&e, cases[i].to_client, cases[i].to_server);
		finish(&e);
	}
}

static size_t
read_to_end(int fd)
{
	char block[65536];
	size_t came = 0;
	ssize_t got;

	while ((got = fd_read(fd, block, sizeof block)) > 0)
		came += (size_t)got;
	return came;
}

/* The plaintext is closed at once after the last words, with octets of the peer unread: they
 * still arrive, and then the end. */
static void
last_words(void **state)
{
	static const char words[] = "221 bye\r\n";
	struct ends e;
	char got[64];

	(void)state;
	start_both(&e, -1, -1);
	assert_int_equal(fd_write(e.plain[1], "QUIT\r\nNOOP\r\n", 12), 12);
	assert_int_equal(fd_wait_readable(e.plain[0], deadline_in(20)), 0);
	assert_int_equal(fd_write(e.plain[0], words, sizeof words - 1), sizeof words - 1);
	fd_close(&e.plain[0]);
	assert_int_equal(fd_read(e.plain[1], got, sizeof got), sizeof words - 1);
	assert_int_equal(read_to_end(e.plain[1]), 0);
	finish(&e);
}

/* A pump that is killed, and with it the session without close_notify: EOF, no more. */
static void
truncated(void **state)
{
	struct ends e;
	char got[16];

	(void)state;
	start_both(&e, -1, -1);
	assert_int_equal(fd_write(e.plain[1], "abc", 3), 3);
	assert_int_equal(fd_read(e.plain[0], got, sizeof got), 3);
	kill(e.pumps[1], SIGKILL);
	assert_int_equal(read_to_end(e.plain[0]), 0);
	finish(&e);
}

/* A peer that takes nothing: after write_ms the session is given up. */
static void
stuck_peer(void **state)
{
	char block[65536] = { 0 };
	struct ends e;

	(void)state;
	start_both(&e, 200, -1);
	/* Nobody reads the client's plaintext, so its pump stops reading the network. */
	while (fd_write(e.plain[0], block, sizeof block) > 0)
		continue;
	assert_true(errno == EPIPE || errno == ECONNRESET);
	finish(&e);
}

static void
idle(void **state)
{
	struct ends e;

	(void)state;
	start_both(&e, -1, 200);
	assert_int_equal(read_to_end(e.plain[0]), 0);
	assert_int_equal(read_to_end(e.plain[1]), 0);
	finish(&e);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_ways),
		cmocka_unit_test(last_words),
		cmocka_unit_test(truncated),
		cmocka_unit_test(stuck_peer),
		cmocka_unit_test(idle),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
