/* serverside - what targets of whole sessions share: a home that takes mail for example.net and whose
 * queue program is missing, and a client in pieces on the session's own descriptors. */
#ifndef FUZZ_SERVERSIDE_H
#define FUZZ_SERVERSIDE_H

#include "fuzz/fuzz.h"

#include "server/session.h"

enum { SERVERSIDE_INPUT_MAX = 20000, SERVERSIDE_PIECES_MAX = 200 };

static inline void
serverside_set_up(void)
{
	int fd;

	fuzz_enter_directory();
	fuzz_write_file("control/me", VIEW("mx.example.net\n"));
	fuzz_write_file("control/rcpthosts", VIEW("example.net\n.wild.example\n"));
	fuzz_write_file("control/badmailfrom", VIEW("bad@spam.example\n@evil.example\n"));
	fuzz_write_file("control/smtpdlog", VIEW("0\n"));
	setenv("QMAILQUEUE", "bin/none", 1);
	setenv("TCPREMOTEIP", "192.0.2.9", 1);
	for (fd = 0; fd < 3; fd++) /* what is closed would be a log's descriptor */
		if (fcntl(fd, F_GETFD) < 0)
			claim(open("/dev/null", O_RDWR) == fd);
}

/* Set the variable, or take it out where `value` is NULL. */
static inline void
serverside_variable(const char *name, const char *value)
{
	if (value)
		setenv(name, value, 1);
	else
		unsetenv(name);
}

/* What `converse` says to a client whose octets come in pieces of `step`, and what it returns.  False: it
 * could not be tried. */
static inline bool
serverside_run(struct view input, size_t step, int (*converse)(uint8_t mode),
    uint8_t mode, struct str *out, int *status)
{
	int ends[2], in = dup(SESSION_IN), out_before = dup(SESSION_OUT);
	bool connected = fuzz_connect(input, step, ends);

	if (connected) {
		claim(dup2(ends[0], SESSION_IN) == SESSION_IN &&
		    dup2(ends[0], SESSION_OUT) == SESSION_OUT);
		close(ends[0]);
		*status = converse(mode);
		fuzz_take_sent(ends[1], out);
		close(ends[1]);
		claim(dup2(in, SESSION_IN) == SESSION_IN &&
		    dup2(out_before, SESSION_OUT) == SESSION_OUT);
	}
	close(in);
	close(out_before);
	return connected;
}

/* The whole input at once and in pieces: the same comes of both.  *said is what was answered. */
static inline void
serverside_compare(
    struct view input, int (*converse)(uint8_t mode), uint8_t mode, struct str *said)
{
	size_t step = (size_t)(mode >> 4) + 1 + input.len / SERVERSIDE_PIECES_MAX;
	struct str cut = { 0 };
	int status, other;

	if (serverside_run(input, SERVERSIDE_INPUT_MAX, converse, mode, said, &status) &&
	    serverside_run(input, step, converse, mode, &cut, &other))
		claim(view_equal(str_view(said), str_view(&cut)) && status == other);
	str_free(&cut);
}

#endif
