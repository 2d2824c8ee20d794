/* A whole session of qmail-smtpd, against any client that sends all it has at once or in pieces: the
 * same replies come out, each a line with a code, whatever was in the commands.  The first octet chooses the mode
 * and the pieces. */
#include "fuzz/fuzz.h"

#include "lib/program.h"
#include "server/session.h"

enum { STRICT = 1, RELAY = 2, PIECES_MAX = 200, INPUT_MAX = 20000 };

static void
set_up(void)
{
	int mode;

	fuzz_enter_directory();
	fuzz_write_file("control/me", VIEW("mx.example.net\n"));
	fuzz_write_file("control/rcpthosts", VIEW("example.net\n.wild.example\n"));
	fuzz_write_file("control/badmailfrom", VIEW("bad@spam.example\n@evil.example\n"));
	fuzz_write_file("control/badhelo", VIEW("bad.example\n"));
	fuzz_write_file("control/smtpdlog", VIEW("0\n"));
	setenv("QMAILQUEUE", "bin/none", 1);
	setenv("TCPREMOTEIP", "192.0.2.9", 1);
	for (mode = 0; mode < 3; mode++) /* what is closed would be a log's descriptor */
		if (fcntl(mode, F_GETFD) < 0)
			claim(open("/dev/null", O_RDWR) == mode);
}

static void
choose(uint8_t mode)
{
	if (mode & STRICT)
		setenv("QSTRICT", "1", 1);
	else
		unsetenv("QSTRICT");
	if (mode & RELAY)
		setenv("RELAYCLIENT", "", 1);
	else
		unsetenv("RELAYCLIENT");
}

static int
converse(void)
{
	static char *argv[] = { NULL };
	struct settings settings = { .log_level = 0 };
	struct problem problem = { 0 };
	struct peer peer;
	struct session session;
	int status;

	claim(settings_read(&settings, 0, argv, &problem) != ANSWER_ERROR);
	peer_from_environment(&peer, settings.strict);
	session_start(&session, &settings, &peer);
	session_greet(&session);
	while (session_next_command(&session))
		continue;
	status = session_end(&session);
	settings_free(&settings);
	return status;
}

/* What it says to a client whose octets come in pieces of `step`.  False: it could not be tried. */
static bool
run(struct view input, size_t step, struct str *out, int *status)
{
	int ends[2], in = dup(SESSION_IN), out_before = dup(SESSION_OUT);

	if (!fuzz_connect(input, step, ends)) {
		close(in);
		close(out_before);
		return false;
	}
	claim(dup2(ends[0], SESSION_IN) == SESSION_IN &&
	    dup2(ends[0], SESSION_OUT) == SESSION_OUT);
	close(ends[0]);
	*status = converse();
	fuzz_take_sent(ends[1], out);
	close(ends[1]);
	claim(dup2(in, SESSION_IN) == SESSION_IN &&
	    dup2(out_before, SESSION_OUT) == SESSION_OUT);
	close(in);
	close(out_before);
	return true;
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static void
check_replies(struct view out)
{
	struct view line;

	while (view_cut(out, '\n', &line, &out)) {
		claim(line.len >= 5 && line.at[line.len - 1] == '\r');
		claim(line.at[0] >= '2' && line.at[0] <= '5' && is_digit(line.at[1]) &&
		    is_digit(line.at[2]) && (line.at[3] == ' ' || line.at[3] == '-'));
		line = view_first(line, line.len - 1);
		claim(view_index(line, '\r') == line.len &&
		    view_index(line, '\0') == line.len);
		claim(!view_starts(line, VIEW("250 ok 1"))); /* nothing can be queued */
	}
	claim(out.len == 0);
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
	if (run(input, INPUT_MAX, &whole, &status) && run(input, step, &cut, &other))
		claim(view_equal(str_view(&whole), str_view(&cut)) && status == other);
	check_replies(str_view(&whole));
	str_free(&whole);
	str_free(&cut);
	return 0;
}
