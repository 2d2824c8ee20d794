/* syslogger: entries to a syslog that is there, away, full, or new; by datagrams and by a stream. */
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>

#include "lib/syslogger.h"
#include "unit/unit.h"

enum { A_MOMENT_MS = 40 };

static int
listen_at(const char *path, int type)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	unlink(path);
	snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
	if (type == SOCK_STREAM)
		assert_int_equal(listen(fd, 5), 0);
	return fd;
}

/* What came, at most a datagram of it; "" for nothing. */
static const char *
got(int fd)
{
	static char bytes[4096];
	ssize_t n = recv(fd, bytes, sizeof bytes - 1, MSG_DONTWAIT);

	bytes[n > 0 ? n : 0] = '\0';
	return bytes;
}

static void
an_entry_begins_as_that_of_libc(void **state)
{
	struct str entry = { 0 };

	(void)state;
	setenv("TZ", "UTC0", 1);
	tzset();
	syslogger_begin(&entry, 22, 0);
	assert_string_equal(str_text(&entry), "<22>Jan  1 00:00:00");
	str_clear(&entry);
	syslogger_begin(&entry, 134, 1700000000);
	assert_string_equal(str_text(&entry), "<134>Nov 14 22:13:20");
	setenv("TZ", "AHEAD-2", 1);
	tzset();
	str_clear(&entry);
	syslogger_begin(&entry, 22, 0);
	assert_string_equal(str_text(&entry), "<22>Jan  1 02:00:00");
	str_free(&entry);
}

static void
datagrams(void **state)
{
	int syslog = listen_at("log", SOCK_DGRAM);
	struct syslogger s;

	(void)state;
	syslogger_init(&s, "log");
	assert_true(syslogger_send(&s, VIEW("<22>one")));
	assert_true(syslogger_send(&s, VIEW("<22>two")));
	assert_string_equal(got(syslog), "<22>one");
	assert_string_equal(got(syslog), "<22>two");
	assert_int_equal(s.lost, 0);
	syslogger_close(&s);
	close(syslog);
}

static void
a_stream(void **state)
{
	int syslog = listen_at("log", SOCK_STREAM), peer;
	struct syslogger s;
	char bytes[64];

	(void)state;
	syslogger_init(&s, "log");
	assert_true(syslogger_send(&s, VIEW("<22>one")));
	assert_true(syslogger_send(&s, VIEW("<22>two")));
	peer = accept(syslog, NULL, NULL);
	assert_int_equal(recv(peer, bytes, sizeof bytes, MSG_DONTWAIT), 16);
	assert_memory_equal(bytes, "<22>one\0<22>two", 16);
	syslogger_close(&s);
	close(peer);
	close(syslog);
}

static void
one_that_is_away_is_waited_for_once(void **state)
{
	struct syslogger s;
	int syslog;

	(void)state;
	unlink("log");
	syslogger_init(&s, "log");
	s.patience_ms = A_MOMENT_MS;
	assert_false(syslogger_send(&s, VIEW("<22>one")));
	assert_true(s.patience_ms <= 0);
	assert_false(syslogger_send(&s, VIEW("<22>two")));
	assert_int_equal(s.lost, 2);
	syslog = listen_at("log", SOCK_DGRAM);
	assert_true(syslogger_send(&s, VIEW("<22>three")));
	assert_string_equal(got(syslog), "<22>three");
	assert_true(s.patience_ms > 0); /* that earns some */
	assert_int_equal(s.lost, 2);
	syslogger_close(&s);
	close(syslog);
}

static void
a_new_one_is_found_at_once(void **state)
{
	int syslog = listen_at("log", SOCK_DGRAM);
	struct syslogger s;

	(void)state;
	syslogger_init(&s, "log");
	s.patience_ms = 0;
	assert_true(syslogger_send(&s, VIEW("<22>one")));
	s.patience_ms = 0;
	close(syslog);
	syslog = listen_at("log", SOCK_DGRAM);
	assert_true(syslogger_send(&s, VIEW("<22>two")));
	assert_string_equal(got(syslog), "<22>two");
	close(syslog);
	syslog = listen_at("log", SOCK_STREAM);
	s.patience_ms = 0;
	assert_true(syslogger_send(&s, VIEW("<22>three")));
	assert_int_equal(s.lost, 0);
	syslogger_close(&s);
	close(syslog);
}

/* All that it took is there, what it did not take is counted, and it goes on when there is room. */
static void
full(void **state)
{
	int syslog = listen_at("log", SOCK_DGRAM);
	size_t sent = 0, came = 0;
	struct syslogger s;

	(void)state;
	syslogger_init(&s, "log");
	s.patience_ms = A_MOMENT_MS;
	while (sent < 100000 && syslogger_send(&s, VIEW("<22>more"))) {
		s.patience_ms = A_MOMENT_MS;
		sent++;
	}
	assert_int_equal(s.lost, 1);
	assert_false(syslogger_send(&s, VIEW("<22>lost")));
	while (strcmp(got(syslog), "<22>more") == 0)
		came++;
	assert_int_equal(came, sent);
	assert_true(syslogger_send(&s, VIEW("<22>after")));
	assert_string_equal(got(syslog), "<22>after");
	assert_int_equal(s.lost, 2);
	syslogger_close(&s);
	close(syslog);
}

/* An entry that went by half ends its connection: the next is whole again. */
static void
a_full_stream(void **state)
{
	int syslog = listen_at("log", SOCK_STREAM), peer;
	char text[5000];
	struct syslogger s;
	size_t sent = 0;
	bool was_cut;

	(void)state;
	memset(text, 'x', sizeof text);
	syslogger_init(&s, "log");
	do
		s.patience_ms = A_MOMENT_MS;
	while (syslogger_send(&s, (struct view) { text, sizeof text }) && ++sent < 10000);
	assert_int_equal(s.lost, 1);
	peer = accept(syslog, NULL, NULL);
	while (got(peer)[0])
		continue;
	was_cut = s.fd < 0;
	assert_true(syslogger_send(&s, VIEW("<22>whole")));
	if (was_cut) {
		close(peer);
		peer = accept(syslog, NULL, NULL);
	}
	assert_string_equal(got(peer), "<22>whole");
	syslogger_close(&s);
	close(peer);
	close(syslog);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_entry_begins_as_that_of_libc),
		cmocka_unit_test(datagrams),
		cmocka_unit_test(a_stream),
		cmocka_unit_test(one_that_is_away_is_waited_for_once),
		cmocka_unit_test(a_new_one_is_found_at_once),
		cmocka_unit_test(full),
		cmocka_unit_test(a_full_stream),
	};

	return cmocka_run_group_tests(tests, unit_enter_directory, NULL);
}
