/* A whole session of qmail-qmtpd or qmail-qmqpd, against any client that sends all it has at once or in
 * pieces: the same answers come out, each a netstring, and nothing is taken, for nothing can be queued.  The
 * first octet chooses the protocol, the mode and the pieces. */
#include "fuzz/fuzz.h"

#include "lib/netstring.h"
#include "server/netsession.h"

enum { QMQP = 1, STRICT = 2, RELAY = 8, PIECES_MAX = 200, INPUT_MAX = 20000 };

static void
set_up(void)
{
	int fd;

	fuzz_enter_directory();
	fuzz_write_file("control/me", VIEW("mx.example.net\n"));
	fuzz_write_file("control/rcpthosts", VIEW("example.net\n.wild.example\n"));
	fuzz_write_file("control/badmailfrom", VIEW("bad@spam.example\n@evil.example\n"));
	fuzz_write_file("control/databytes", VIEW("5000\n"));
	fuzz_write_file("control/limits", VIEW("recipients:20\n"));
	fuzz_write_file("control/smtpdlog", VIEW("0\n"));
	setenv("QMAILQUEUE", "bin/none", 1);
	setenv("TCPREMOTEIP", "192.0.2.9", 1);
	for (fd = 0; fd < 3; fd++) /* what is closed would be a log's descriptor */
		if (fcntl(fd, F_GETFD) < 0)
			claim(open("/dev/null", O_RDWR) == fd);
}

static void
choose(uint8_t mode)
{
	if (mode & STRICT)
		setenv("QSTRICT", "1", 1);
	else
		unsetenv("QSTRICT");
	if (mode & RELAY)
		setenv("RELAYCLIENT", ".relay", 1);
	else
		unsetenv("RELAYCLIENT");
}

static int
converse(bool is_qmqp)
{
	struct settings settings = { .log_level = 0 };
	struct problem problem = { 0 };
	struct peer peer;
	struct session session;
	enum netsession_exit status;

	claim(settings_read_plain(&settings, "qmail-fuzz", is_qmqp, &problem) !=
	    ANSWER_ERROR);
	peer_from_environment(&peer, settings.strict);
	session_start(&session, &settings, &peer);
	status = netsession_run(&session, is_qmqp ? SESSION_QMQP : SESSION_QMTP);
	session_end(&session);
	settings_free(&settings);
	return (int)status;
}

/* What it says to a client whose octets come in pieces of `step`.  False: it could not be tried. */
static bool
run(struct view input, bool is_qmqp, size_t step, struct str *out, int *status)
{
	int ends[2], in = dup(SESSION_IN), out_before = dup(SESSION_OUT);
	bool connected = fuzz_connect(input, step, ends);

	if (connected) {
		claim(dup2(ends[0], SESSION_IN) == SESSION_IN &&
		    dup2(ends[0], SESSION_OUT) == SESSION_OUT);
		close(ends[0]);
		*status = converse(is_qmqp);
		fuzz_take_sent(ends[1], out);
		close(ends[1]);
		claim(dup2(in, SESSION_IN) == SESSION_IN &&
		    dup2(out_before, SESSION_OUT) == SESSION_OUT);
	}
	close(in);
	close(out_before);
	return connected;
}

static void
check_answers(struct view out)
{
	while (out.len > 0) {
		struct netstring_length length = { 0 };
		enum netstring_status status = NETSTRING_MORE;
		struct view text;
		size_t i;

		for (i = 0; i < out.len && status == NETSTRING_MORE; i++)
			status = netstring_length_add(&length, out.at[i], INPUT_MAX);
		claim(status == NETSTRING_BEGINS);
		text = view_from(out, i);
		claim(length.value > 0 && text.len > length.value &&
		    text.at[length.value] == ',');
		claim(text.at[0] == 'D' || text.at[0] == 'Z');
		claim(fuzz_is_printable(view_first(text, length.value)));
		out = view_from(text, length.value + 1);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static bool ready;
	struct view input = { (const char *)data, size };
	struct str whole = { 0 }, cut = { 0 };
	int status, other;
	uint8_t mode;
	size_t step;

	if (!ready)
		set_up();
	ready = true;
	if (size > INPUT_MAX)
		return 0;
	mode = fuzz_choice(&input);
	choose(mode);
	step = (size_t)(mode >> 4) + 1 + input.len / PIECES_MAX;
	if (run(input, mode & QMQP, INPUT_MAX, &whole, &status) &&
	    run(input, mode & QMQP, step, &cut, &other))
		claim(view_equal(str_view(&whole), str_view(&cut)) && status == other);
	check_answers(str_view(&whole));
	str_free(&whole);
	str_free(&cut);
	return 0;
}
