/* client/session: replies over one descriptor and then another, and what ends a session. */
#include "unit/unit.h"

#include <sys/socket.h>

#include "client/session.h"

static const struct limits limits = { .reply_lines = 100, .reply_octets = 65536 };

/* A server that says this and hangs up; its end is kept, for what the client sends. */
static int
server_saying(const char *text, int *its_end)
{
	int ends[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
	assert_int_equal(fd_set_blocking(ends[0], 0), 0);
	assert_int_equal(fd_write_all(ends[1], view_of(text)), 0);
	assert_int_equal(shutdown(ends[1], SHUT_WR), 0);
	*its_end = ends[1];
	return ends[0];
}

static void
over_two_descriptors(void **state)
{
	struct session s;
	int clear, tls;

	(void)state;
	session_init(&s);
	assert_false(session_fill(&s));
	session_open(&s, server_saying("220 ready\r\n250 injected\r\n", &clear), 1000,
	    deadline_never(), &limits);
	assert_true(session_ask(&s, "STARTTLS", VIEW("")));
	assert_int_equal(s.reply.code, 220);
	assert_true(session_has_unread(&s));
	session_switch(&s, server_saying("250 secret\r\n421 bye\r\n", &tls));
	assert_false(session_has_unread(&s)); /* what was injected is gone */
	session_continue(&s, 2000, deadline_never(), &limits);
	assert_true(session_ask(&s, "EHLO ", VIEW("me")));
	assert_view_equal(str_view(&s.reply.text), VIEW("250 secret\n"));
	assert_false(session_is_quiet(&s)); /* 421 is there already */
	assert_true(session_hear(&s));
	assert_true(s.over);
	session_free(&s);
	close(clear);
	close(tls);
}

static void
the_peer_hangs_up(void **state)
{
	struct session s;
	int other;

	(void)state;
	session_init(&s);
	session_open(
	    &s, server_saying("250-half", &other), 1000, deadline_never(), &limits);
	assert_false(session_hear(&s));
	assert_true(s.over && s.dropped);
	assert_int_equal(s.reply.text.len, 0); /* half a reply is none */
	session_quit(&s);
	session_free(&s);
	close(other);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(over_two_descriptors),
		cmocka_unit_test(the_peer_hangs_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
