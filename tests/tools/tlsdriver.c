/* tlsdriver - a caller of qmail-tls for tests, through wire/tls.h as qmail-smtpd and qmail-remote
 * call it.
 *
 *   tlsdriver ready                 is a certificate there?
 *   tlsdriver server                network on descriptors 0 and 1
 *   tlsdriver client NAME           network on descriptor 0
 *
 * Options, in front: -c CERT -k KEY -p PASSWORD -C CIPHERS -t TRUST -l LEVEL -A NAMES (others that do)
 * -F FINGERPRINTS -T RECORD (of TLSA, in hex; each one more) -S NAME (to send, "-" none) -D DEPTH -L LOWEST -H HIGHEST (protocols, 1 to 4) -x
 * (exact) -n (our certificate is needed) -d MILLISECONDS (for the handshake) -w MILLISECONDS (of a wait) -i (NAME is an address) -s TEXT (send it, a server when
 * something came; then end our side, then say what comes) -z OCTETS (send as many, read as many) -a (do not ask
 * for readiness first).  Without -s and -z what comes is sent back.
 *
 * On descriptor 2: "ready", "not ready: WHY", "failed: WHY", "helper failed: WHY", the facts, one a
 * line: "protocol TLSv1.3", and "got TEXT" or "came OCTETS".  Exit 0; 1 not ready; 2 failed; 3 the helper failed. */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/fd.h"
#include "lib/fmt.h"
#include "lib/program.h"
#include "lib/scan.h"
#include "os/os.h"
#include "wire/tls.h"
#include "wire/tlsa.h"

enum {
	BLOCK = 65536,
	EXIT_NOT_READY = 1,
	EXIT_FAILED = 2,
	EXIT_HELPER = 3,
	EXIT_USAGE = 9
};

struct options {
	const char *cert, *key, *password, *ciphers, *trust, *text, *sni, *also,
	    *fingerprints;
	enum tls_level level;
	struct tls_rules rules;
	struct str tlsa;
	uint64_t octets, handshake_ms, wait_ms;
	bool is_ip, unasked;
};

static _Noreturn void
out_of_memory(void)
{
	os_exit_saying(2, "tlsdriver: out of memory\n", EXIT_USAGE);
}

static void
say(const char *key, struct view value)
{
	struct str line = { 0 };

	str_append_text(&line, key);
	str_append(&line, value);
	str_append_byte(&line, '\n');
	fd_write_all(2, str_view(&line));
	str_free(&line);
}

static _Noreturn void
fail(int status, const char *key, const struct str *why)
{
	say(key, str_view(why));
	_exit(status);
}

static void
say_facts(const struct tls_facts *f)
{
	struct str hex = { 0 };

	fmt_hex(&hex, str_view(&f->binding));
	say("protocol ", str_view(&f->protocol));
	say("cipher ", str_view(&f->cipher));
	say("sni ", str_view(&f->sni));
	say("verify ", str_view(&f->verify));
	say("peer ", str_view(&f->peer));
	say("binding ", str_view(&hex));
	say("emails ", str_view(&f->emails));
	say("digest ", str_view(&f->digest));
	say("matched ", str_view(&f->matched));
	say("verified ", f->verified ? VIEW("yes") : VIEW("no"));
	say("resumed ", f->resumed ? VIEW("yes") : VIEW("no"));
	str_free(&hex);
}

static void
echo(int plain)
{
	static char block[BLOCK];
	ssize_t got;

	while ((got = fd_read(plain, block, sizeof block)) > 0)
		if (fd_write_all(plain, (struct view) { block, (size_t)got }) < 0)
			break;
}

/* A server speaks when it was spoken to: a client that is told the end first may say nothing. */
static void
send_then_read(int plain, const char *text, bool wait)
{
	struct str got = { 0 };

	if (wait)
		fd_wait_readable(plain, deadline_never());
	fd_write_all(plain, view_of(text));
	shutdown(plain, SHUT_WR);
	fd_read_all(plain, &got, BLOCK);
	say("got ", str_view(&got));
	str_free(&got);
}

/* Both ways at once, as much as either side takes; says what came when both are done. */
static void
both_ways(int plain, uint64_t octets)
{
	static char block[BLOCK];
	uint64_t left = octets, came = 0;
	char digits[FMT_U64_MAX];

	fd_set_blocking(plain, 0);
	while (left > 0 || came < octets) {
		struct pollfd wait = { plain, POLLIN, 0 };
		ssize_t n;

		if (left > 0)
			wait.events |= POLLOUT;
		poll(&wait, 1, -1);
		if (wait.revents & (POLLIN | POLLHUP)) {
			n = fd_read(plain, block, sizeof block);
			if (n == 0 || (n < 0 && errno != EAGAIN))
				break;
			came += n > 0 ? (uint64_t)n : 0;
		}
		if (wait.revents & POLLOUT) {
			n = fd_write(plain, block, left < BLOCK ? (size_t)left : BLOCK);
			left -= n > 0 ? (uint64_t)n : 0;
		}
	}
	say("came ", fmt_u64_into(digits, came));
}

static void
talk(int plain, const struct options *o, bool wait)
{
	if (o->text)
		send_then_read(plain, o->text, wait);
	else if (o->octets)
		both_ways(plain, o->octets);
	else
		echo(plain);
	close(plain);
}

static struct deadline
handshake_deadline(const struct options *o)
{
	return deadline_in_ms((int64_t)o->handshake_ms);
}

static int
be_server(const struct options *o, bool only_ready)
{
	const struct tls_server_request request = { 0, 1, o->cert, o->ciphers,
		"0123456789abcdef", (int64_t)o->wait_ms };
	struct tls_server server;
	struct tls_facts facts = { 0 };
	struct str why = { 0 };
	int plain;

	helper_init(&server.helper);
	if (!o->unasked) {
		if (tls_server_ready(&server, o->cert, handshake_deadline(o), &why) < 0)
			fail(EXIT_NOT_READY, "not ready: ", &why);
		say("ready", VIEW(""));
	}
	if (only_ready)
		return 0;
	plain = tls_server_start(&server, &request, handshake_deadline(o), &facts, &why);
	if (plain < 0)
		fail(EXIT_FAILED, "failed: ", &why);
	close(0);
	close(1);
	say_facts(&facts);
	tls_facts_free(&facts);
	talk(plain, o, true);
	return 0;
}

static int
be_client(const struct options *o, const char *name)
{
	struct tls_client_request request = { .name = name,
		.is_ip = o->is_ip,
		.level = o->level,
		.trust = o->trust,
		.ciphers = o->ciphers,
		.cert = o->cert,
		.key = o->key,
		.key_password = view_of(o->password),
		.sni = o->sni,
		.also = view_of(o->also),
		.fingerprints = view_of(o->fingerprints),
		.tlsa = str_view(&o->tlsa),
		.rules = o->rules,
		.timeout_ms = (int64_t)o->wait_ms };
	struct tls_facts facts = { 0 };
	struct str why = { 0 };
	struct helper helper;
	bool helper_failed;
	int plain;

	helper_init(&helper);
	plain = tls_client_start(
	    &helper, 0, &request, handshake_deadline(o), &facts, &why, &helper_failed);
	if (plain < 0)
		fail(helper_failed ? EXIT_HELPER : EXIT_FAILED,
		    helper_failed ? "helper failed: " : "failed: ", &why);
	close(0);
	say_facts(&facts);
	tls_facts_free(&facts);
	talk(plain, o, false);
	helper_close(&helper);
	return 0;
}

static enum tls_level
level_of(const char *name)
{
	static const char *const names[] = { "none", "may", "encrypt", "secure", "chain",
		"fingerprint", "verify", "dane", "dane-only" };
	size_t i;

	for (i = 0; i < sizeof names / sizeof *names; i++)
		if (strcmp(name, names[i]) == 0)
			return (enum tls_level)i;
	return TLS_SECURE;
}

static unsigned
number_of(const char *text)
{
	uint64_t number = 0;

	scan_u64(view_of(text), &number);
	return (unsigned)number;
}

static void
add_record(struct str *list, struct view hex)
{
	struct str octets = { 0 };

	for (; hex.len > 1; hex = view_from(hex, 2))
		str_append_byte(&octets,
		    (char)(scan_hex_digit(hex.at[0]) << 4 | scan_hex_digit(hex.at[1])));
	tlsa_add(list, str_view(&octets));
	str_free(&octets);
}

/* What of a certificate is enough. */
static void
read_rule(int c, const char *value, struct options *o)
{
	switch (c) {
	case 'A':
		o->also = value;
		break;
	case 'F':
		o->fingerprints = value;
		break;
	case 'T':
		add_record(&o->tlsa, view_of(value));
		break;
	case 'S':
		o->sni = strcmp(value, "-") == 0 ? "" : value;
		break;
	case 'D':
		o->rules.depth = (uint8_t)number_of(value);
		break;
	case 'L':
		o->rules.lowest = (enum tls_protocol)number_of(value);
		break;
	case 'H':
		o->rules.highest = (enum tls_protocol)number_of(value);
		break;
	case 'k':
		o->key = value;
		break;
	case 'p':
		o->password = value;
		break;
	case 'x':
		o->rules.exact = true;
		break;
	case 'n':
		o->rules.needs_cert = true;
		break;
	default:
		_exit(EXIT_USAGE);
	}
}

static void
read_options(int argc, char **argv, struct options *o)
{
	int c;

	while ((c = getopt(argc, argv, "c:C:t:l:d:w:s:z:iaA:F:T:S:D:L:H:k:p:xn")) != -1)
		switch (c) {
		case 'c':
			o->cert = optarg;
			break;
		case 'C':
			o->ciphers = optarg;
			break;
		case 't':
			o->trust = optarg;
			break;
		case 'l':
			o->level = level_of(optarg);
			break;
		case 'd':
			scan_u64(view_of(optarg), &o->handshake_ms);
			break;
		case 'w':
			scan_u64(view_of(optarg), &o->wait_ms);
			break;
		case 's':
			o->text = optarg;
			break;
		case 'z':
			scan_u64(view_of(optarg), &o->octets);
			break;
		case 'i':
			o->is_ip = true;
			break;
		case 'a':
			o->unasked = true;
			break;
		default:
			read_rule(c, optarg, o);
			break;
		}
}

int
main(int argc, char **argv)
{
	struct options o = {
		.level = TLS_SECURE, .handshake_ms = 20000, .wait_ms = 20000
	};

	program_start(out_of_memory);
	read_options(argc, argv, &o);
	if (program_enter_home() < 0 || optind >= argc)
		os_exit_saying(2, "tlsdriver: no home, or no mode\n", EXIT_USAGE);
	if (strcmp(argv[optind], "client") == 0 && optind + 1 < argc)
		return be_client(&o, argv[optind + 1]);
	return be_server(&o, strcmp(argv[optind], "ready") == 0);
}
