/* A whole session of qmail-smtpd, against any client that sends all it has at once or in pieces: the
 * same replies come out, each a line with a code, whatever was in the commands.  The first octet chooses the mode
 * and the pieces. */
#include "fuzz/serverside.h"

#include "lib/program.h"

enum { STRICT = 1, RELAY = 2 };

static void
set_up(void)
{
	serverside_set_up();
	fuzz_write_file("control/badhelo", VIEW("bad.example\n"));
}

static int
converse(uint8_t mode)
{
	static char *argv[] = { NULL };
	struct settings settings = { .log_level = 0 };
	struct problem problem = { 0 };
	struct peer peer;
	struct session session;
	int status;

	(void)mode;
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
	struct str said = { 0 };
	uint8_t mode;

	if (!ready)
		set_up();
	ready = true;
	if (size > SERVERSIDE_INPUT_MAX)
		return 0;
	mode = fuzz_choice(&input);
	serverside_variable("QSTRICT", mode & STRICT ? "1" : NULL);
	serverside_variable("RELAYCLIENT", mode & RELAY ? "" : NULL);
	serverside_compare(input, converse, mode, &said);
	check_replies(str_view(&said));
	str_free(&said);
	return 0;
}
