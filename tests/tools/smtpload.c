/* smtpload - an SMTP client that costs little itself: for benches and load tests.
 *
 *   smtpload [options] PORT         sessions with 127.0.0.1, one after the other
 *
 * -n COUNT messages (1), -m of them over each connection (1), of -s OCTETS each (1000); -r: the
 * recipient is one to refuse, and the session ends there.  -t: STARTTLS; -S FILE: a TLS session is
 * resumed from there where the file exists, else put there.  -i COUNT: instead of all that, hold so many idle
 * connections, past EHLO and STARTTLS; "ready" on descriptor 1 when they stand, the end when
 * descriptor 0 is closed.
 *
 * Exit 0 if each reply was the expected one, and each session with -S resumed; else 1, and
 * descriptor 2 says what came. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "lib/fd.h"
#include "lib/program.h"
#include "lib/scan.h"
#include "os/os.h"

enum {
	BLOCK = 65536,
	LINE = 64, /* of a message, with its end */
	WAIT = 120 /* seconds for a reply */
};

struct options {
	uint64_t count, per_connection, octets, idle;
	const char *session_file;
	bool refused, tls;
	uint16_t port;
};

/* One connection; what was read and not yet used is at+from to at+to. */
struct net {
	int fd;
	SSL *ssl;
	size_t from, to;
	char at[4096];
};

/* What all connections have in common. */
struct client {
	struct options options;
	SSL_CTX *tls;
	SSL_SESSION *session;
	struct str head;
	char body[BLOCK];
};

static _Noreturn void
out_of_memory(void)
{
	os_exit_saying(2, "smtpload: out of memory\n", 1);
}

static _Noreturn void
fail(const char *what, struct view said)
{
	struct str line = { 0 };

	str_append_text(&line, "smtpload: ");
	str_append_text(&line, what);
	str_append(&line, said);
	str_append_byte(&line, '\n');
	fd_write_all(2, str_view(&line));
	_exit(1);
}

static void
send_all(struct net *net, struct view bytes)
{
	if (net->ssl ? SSL_write(net->ssl, bytes.at, (int)bytes.len) != (int)bytes.len
		     : fd_write_all(net->fd, bytes) < 0)
		fail("cannot write", VIEW(""));
}

static void
fill(struct net *net)
{
	ssize_t got;

	if (net->from > 0) {
		memmove(net->at, net->at + net->from, net->to - net->from);
		net->to -= net->from;
		net->from = 0;
	}
	got = net->ssl
	    ? SSL_read(net->ssl, net->at + net->to, (int)(sizeof net->at - net->to))
	    : fd_read(net->fd, net->at + net->to, sizeof net->at - net->to);
	if (got <= 0)
		fail("no reply after ", (struct view) { net->at, net->to });
	net->to += (size_t)got;
}

static struct view
read_line(struct net *net)
{
	struct view line;
	char *end;

	while (!(end = memchr(net->at + net->from, '\n', net->to - net->from)))
		fill(net);
	line = (struct view) { net->at + net->from, (size_t)(end - net->at) - net->from };
	net->from += line.len + 1;
	return line;
}

/* A whole reply with this code, of which a single digit stands for all that start with it. */
static void
expect(struct net *net, const char *code)
{
	struct view line;

	do {
		line = read_line(net);
		if (line.len < 4 || memcmp(line.at, code, strlen(code)) != 0)
			fail("unexpected: ", line);
	} while (line.at[3] == '-');
}

static void
command(struct net *net, const char *line, const char *code)
{
	send_all(net, view_of(line));
	expect(net, code);
}

static int
connect_to(uint16_t port)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(port) };
	struct timeval wait = { .tv_sec = WAIT };
	int on = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (fd < 0 || connect(fd, (struct sockaddr *)&to, sizeof to) < 0)
		fail("cannot connect", VIEW(""));
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait);
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof wait);
	return fd;
}

static void
start_tls(struct client *c, struct net *net)
{
	command(net, "STARTTLS\r\n", "220");
	net->ssl = SSL_new(c->tls);
	if (!net->ssl || SSL_set_fd(net->ssl, net->fd) != 1)
		out_of_memory();
	if (c->session)
		SSL_set_session(net->ssl, c->session);
	if (SSL_connect(net->ssl) != 1)
		fail("no TLS", VIEW(""));
	if (c->session && !SSL_session_reused(net->ssl))
		fail("the session was not resumed", VIEW(""));
	command(net, "EHLO client.example\r\n", "250");
}

static void
open_session(struct client *c, struct net *net)
{
	*net = (struct net) { .fd = connect_to(c->options.port) };
	expect(net, "220");
	command(net, "EHLO client.example\r\n", "250");
	if (c->options.tls)
		start_tls(c, net);
}

static void
close_session(struct client *c, struct net *net)
{
	command(net, "QUIT\r\n", "221");
	if (net->ssl) {
		if (c->options.session_file && !c->session)
			c->session = SSL_get1_session(net->ssl);
		SSL_shutdown(net->ssl);
		SSL_free(net->ssl);
	}
	close(net->fd);
}

static void
send_message(struct client *c, struct net *net)
{
	uint64_t left = c->options.octets - c->head.len;

	command(net, "MAIL FROM:<a@example.org>\r\n", "250");
	if (c->options.refused) {
		command(net, "RCPT TO:<b@elsewhere.example>\r\n", "5");
		return;
	}
	command(net, "RCPT TO:<b@example.net>\r\n", "250");
	command(net, "DATA\r\n", "354");
	if (left < BLOCK) {
		struct str all = { 0 };

		str_append(&all, str_view(&c->head));
		str_append(&all, (struct view) { c->body, left / LINE * LINE });
		str_append_text(&all, ".\r\n");
		send_all(net, str_view(&all));
		str_free(&all);
	} else {
		send_all(net, str_view(&c->head));
		for (; left >= BLOCK; left -= BLOCK)
			send_all(net, (struct view) { c->body, BLOCK });
		send_all(net, (struct view) { c->body, left / LINE * LINE });
		send_all(net, VIEW(".\r\n"));
	}
	expect(net, "250");
}

static void
send_messages(struct client *c)
{
	uint64_t left = c->options.count, i;
	struct net net;

	while (left > 0) {
		open_session(c, &net);
		for (i = 0; i < c->options.per_connection && left > 0; i++, left--)
			send_message(c, &net);
		close_session(c, &net);
	}
}

static void
hold_connections(struct client *c)
{
	struct net *all = calloc(c->options.idle, sizeof *all);
	uint64_t i;
	char byte;

	if (!all)
		out_of_memory();
	for (i = 0; i < c->options.idle; i++)
		open_session(c, &all[i]);
	fd_write_all(1, VIEW("ready\n"));
	while (fd_read(0, &byte, 1) > 0)
		continue;
	for (i = 0; i < c->options.idle; i++)
		close_session(c, &all[i]);
	free(all);
}

static SSL_SESSION *
load_session(const char *path)
{
	BIO *file = BIO_new_file(path, "r");
	SSL_SESSION *session =
	    file ? PEM_read_bio_SSL_SESSION(file, NULL, NULL, NULL) : NULL;

	BIO_free(file);
	return session;
}

static void
store_session(const char *path, SSL_SESSION *session)
{
	BIO *file = BIO_new_file(path, "w");

	if (!file || PEM_write_bio_SSL_SESSION(file, session) != 1)
		fail("cannot write ", view_of(path));
	BIO_free(file);
}

static void
prepare(struct client *c)
{
	size_t i;

	str_append_text(&c->head,
	    "From: <a@example.org>\r\nTo: <b@example.net>\r\nSubject: bench\r\n\r\n");
	memset(c->body, 'X', sizeof c->body);
	for (i = LINE; i <= sizeof c->body; i += LINE)
		memcpy(c->body + i - 2, "\r\n", 2);
	if (c->options.octets < c->head.len)
		c->options.octets = c->head.len;
	if (!c->options.tls)
		return;
	c->tls = SSL_CTX_new(TLS_client_method());
	if (!c->tls)
		out_of_memory();
	/* No cache: it would make the session of a file useless after its first use. */
	SSL_CTX_set_session_cache_mode(c->tls, SSL_SESS_CACHE_OFF);
	if (c->options.session_file)
		c->session = load_session(c->options.session_file);
}

static _Noreturn void
usage(void)
{
	os_exit_saying(2, "smtpload: its start says what it takes\n", 1);
}

static void
read_number(const char *text, uint64_t *to)
{
	if (!scan_u64(view_of(text), to) || *to == 0)
		usage();
}

static void
read_options(int argc, char **argv, struct options *o)
{
	uint64_t port = 0;
	int c;

	while ((c = getopt(argc, argv, "n:m:s:i:S:rt")) != -1)
		switch (c) {
		case 'n':
			read_number(optarg, &o->count);
			break;
		case 'm':
			read_number(optarg, &o->per_connection);
			break;
		case 's':
			read_number(optarg, &o->octets);
			break;
		case 'i':
			read_number(optarg, &o->idle);
			break;
		case 'S':
			o->session_file = optarg;
			break;
		case 'r':
			o->refused = true;
			break;
		case 't':
			o->tls = true;
			break;
		default:
			usage();
		}
	if (optind != argc - 1)
		usage();
	read_number(argv[optind], &port);
	o->port = (uint16_t)port;
}

int
main(int argc, char **argv)
{
	static struct client c = {
		.options = { .count = 1, .per_connection = 1, .octets = 1000 }
	};
	bool is_new;

	program_start(out_of_memory);
	read_options(argc, argv, &c.options);
	prepare(&c);
	is_new = !c.session;
	if (c.options.idle)
		hold_connections(&c);
	else
		send_messages(&c);
	if (c.options.session_file && is_new && c.session)
		store_session(c.options.session_file, c.session);
	str_free(&c.head);
	SSL_SESSION_free(c.session);
	SSL_CTX_free(c.tls);
	return 0;
}
