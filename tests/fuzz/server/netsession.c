/* A whole session of qmail-qmtpd or qmail-qmqpd, against any client that sends all it has at once or in
 * pieces: the same answers come out, each a netstring, and nothing is taken, for nothing can be queued.  The
 * first octet chooses the protocol, the mode and the pieces. */
#include "fuzz/serverside.h"

#include "lib/netstring.h"
#include "server/netsession.h"

enum { QMQP = 1, STRICT = 2, RELAY = 8 };

static void
set_up(void)
{
	serverside_set_up();
	fuzz_write_file("control/databytes", VIEW("5000\n"));
	fuzz_write_file("control/limits", VIEW("recipients:20\n"));
}

static int
converse(uint8_t mode)
{
	bool is_qmqp = mode & QMQP;
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

static void
check_answers(struct view out)
{
	while (out.len > 0) {
		struct netstring_length length = { 0 };
		enum netstring_status status = NETSTRING_MORE;
		struct view text;
		size_t i;

		for (i = 0; i < out.len && status == NETSTRING_MORE; i++)
			status = netstring_length_add(
			    &length, out.at[i], SERVERSIDE_INPUT_MAX);
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
	struct str said = { 0 };
	uint8_t mode;

	if (!ready)
		set_up();
	ready = true;
	if (size > SERVERSIDE_INPUT_MAX)
		return 0;
	mode = fuzz_choice(&input);
	serverside_variable("QSTRICT", mode & STRICT ? "1" : NULL);
	serverside_variable("RELAYCLIENT", mode & RELAY ? ".relay" : NULL);
	serverside_compare(input, converse, mode, &said);
	check_answers(str_view(&said));
	str_free(&said);
	return 0;
}
