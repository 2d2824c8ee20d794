/* race: which address is connected to next (outbound 2.5, 2.6), with listeners on loopback, ports where
 * nobody listens, and one where nobody ever answers.  How long anything takes is not judged. */
#include "unit/unit.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <time.h>

#include "client/race.h"
#include "lib/ip.h"

enum { MAX = 4, CONNECT_MS = 100, QUEUED = 8 };

/* What a race needs: addresses, the k-th of them a.example, b.example... at preference k. */
struct course {
	struct task task;
	struct target list[MAX];
	struct targets targets;
	int listeners[MAX];
	int queued[QUEUED];
	bool no_ip6;
};

static int
bound_socket(const char *ip, uint16_t *port)
{
	struct sockaddr_storage address;
	socklen_t len;
	struct ip parsed;
	int fd;

	assert_true(ip_parse(view_of(ip), &parsed));
	len = ip_to_sockaddr(&parsed, 0, &address);
	fd = socket(address.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || bind(fd, (struct sockaddr *)&address, len) < 0) {
		fd_close(&fd);
		return -1;
	}
	assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &len), 0);
	assert_true(ip_from_sockaddr(&address, &parsed, port));
	return fd;
}

/* Another address; a port is held all the time, so that nobody else listens there. */
static void
add(struct course *c, const char *ip, bool listens)
{
	static const char *const names[MAX] = { "a.example", "b.example", "c.example",
		"d.example" };
	size_t i = c->targets.count;
	struct target *t = &c->list[i];

	*t = (struct target) { .name = view_of(names[i]), .preference = (uint16_t)i };
	assert_true(ip_parse(view_of(ip), &t->ip));
	c->listeners[i] = bound_socket(ip, &t->port);
	if (c->listeners[i] < 0)
		c->no_ip6 = true;
	else if (listens)
		assert_int_equal(listen(c->listeners[i], 5), 0);
	c->targets.count++;
}

/* One that does not answer: its queue is full. */
static void
add_silent(struct course *c)
{
	struct sockaddr_storage address;
	struct target *t = &c->list[c->targets.count];
	socklen_t len;
	size_t i;

	add(c, "127.0.0.1", false);
	assert_int_equal(listen(c->listeners[c->targets.count - 1], 0), 0);
	len = ip_to_sockaddr(&t->ip, t->port, &address);
	for (i = 0; i < QUEUED; i++) {
		c->queued[i] =
		    socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
		assert_true(c->queued[i] >= 0);
		(void)!connect(c->queued[i], (struct sockaddr *)&address, len);
	}
}

static void
prepare(struct course *c)
{
	size_t i;

	*c = (struct course) { .task = { .end = deadline_never() } };
	c->task.controls.timeoutconnect_ms = CONNECT_MS;
	c->targets.list = c->list;
	for (i = 0; i < QUEUED; i++)
		c->queued[i] = -1;
}

static void
finish(struct course *c)
{
	size_t i;

	for (i = 0; i < c->targets.count; i++)
		fd_close(&c->listeners[i]);
	for (i = 0; i < QUEUED; i++)
		fd_close(&c->queued[i]);
}

/* Who is next: the index; MAX for nobody. */
static size_t
next(struct race *race, const struct course *c)
{
	struct race_winner winner = { .fd = -1 };
	struct sockaddr_storage peer;
	socklen_t len = sizeof peer;

	if (race_next(race, &winner) != CONNECT_OK)
		return MAX;
	assert_true(winner.fd >= 0);
	assert_int_equal(getpeername(winner.fd, (struct sockaddr *)&peer, &len), 0);
	fd_close(&winner.fd);
	return (size_t)(winner.target - c->list);
}

static void
in_their_order(void **state)
{
	struct course c;
	struct race race;

	(void)state;
	prepare(&c);
	add(&c, "127.0.0.1", true);
	add(&c, "127.0.0.1", false);
	add(&c, "127.0.0.1", true);
	race_start(&race, &c.task, &c.targets);
	assert_int_equal(next(&race, &c), 0);
	assert_int_equal(next(&race, &c), 2); /* the other one refuses */
	assert_int_equal(next(&race, &c), MAX);
	race_end(&race);
	finish(&c);
}

static bool
admits_all_but(void *context, const struct target *target)
{
	return target != context;
}

/* What is not to be tried: what may not be, what was dropped, what shares a preference. */
static void
left_out(void **state)
{
	struct course c;
	struct race race;

	(void)state;
	prepare(&c);
	add(&c, "127.0.0.1", true);
	add(&c, "127.0.0.1", true);
	add(&c, "127.0.0.1", true);
	race_start(&race, &c.task, &c.targets);
	race.admits = admits_all_but;
	race.context = &c.list[0];
	assert_int_equal(next(&race, &c), 1);
	race_drop(&race, VIEW("c.example"));
	assert_int_equal(next(&race, &c), MAX);
	race_end(&race);

	c.list[1].preference = c.list[0].preference;
	race_start(&race, &c.task, &c.targets);
	assert_int_equal(next(&race, &c), 0);
	assert_true(race_leave(&race, &c.list[0]));
	assert_int_equal(next(&race, &c), 2);
	assert_false(race_leave(&race, &c.list[2]));
	assert_int_equal(next(&race, &c), MAX);
	race_end(&race);

	c.task.end = deadline_in_ms(0);
	race_start(&race, &c.task, &c.targets);
	assert_int_equal(next(&race, &c), MAX);
	race_end(&race);
	finish(&c);
}

static bool
is_known(const struct target *t)
{
	const struct tcpto_rules rules = tcpto_usual_rules(0);

	return tcpto_look_up(&t->ip, &rules, (int64_t)time(NULL)).known;
}

static void
empty_table(void)
{
	static const char zeros[1024];

	unit_write_file("queue/lock/tcpto", (struct view) { zeros, sizeof zeros });
}

/* The second address is of the other family; `same` preference or not. */
static size_t
first_with_silent(bool same, bool in_turn, bool *again)
{
	struct course c;
	struct race race;
	size_t first;

	prepare(&c);
	add_silent(&c);
	add(&c, "::1", true);
	if (c.no_ip6) {
		finish(&c);
		skip();
	}
	/* Long enough for the head start to end first. */
	c.task.controls.timeoutconnect_ms = in_turn || !same ? CONNECT_MS : 600000;
	c.list[1].preference = c.list[same ? 0 : 1].preference;
	empty_table();
	race_start(&race, &c.task, &c.targets);
	race.in_turn = in_turn;
	first = next(&race, &c);
	*again = race.untried[0];
	assert_int_equal(is_known(&c.list[0]), !*again);
	race_end(&race);
	finish(&c);
	return first;
}

/* Who does not answer is overtaken by the other family, and may come later; the table of timeouts has no
 * word of it. */
static void
overtaken(void **state)
{
	bool again;

	(void)state;
	assert_int_equal(first_with_silent(true, false, &again), 1);
	assert_true(again);
}

/* Not by another preference, nor where there is no race: it times out, and that is noted. */
static void
not_overtaken(void **state)
{
	bool again;

	(void)state;
	assert_int_equal(first_with_silent(false, false, &again), 1);
	assert_false(again);
	assert_int_equal(first_with_silent(true, true, &again), 1);
	assert_false(again);
}

/* An address of the table is passed over while it is blocked, and struck off once it answers. */
static void
timeouts(void **state)
{
	const struct tcpto_rules rules = tcpto_usual_rules(0);
	int64_t now = (int64_t)time(NULL), then = now - 2000;
	struct course c;
	struct race race;
	int i;

	(void)state;
	prepare(&c);
	add(&c, "127.0.0.1", true);
	empty_table();
	for (i = 0; i < TCPTO_COUNT_MAX; i++)
		tcpto_timed_out(&c.list[0].ip, &rules, then + i * 150);
	assert_true(tcpto_look_up(&c.list[0].ip, &rules, now).blocked);
	race_start(&race, &c.task, &c.targets);
	assert_int_equal(next(&race, &c), MAX);
	race_end(&race);

	c.task.route.value.has_penalty = true;
	c.task.route.value.penalty = 1; /* second, and it is long ago */
	race_start(&race, &c.task, &c.targets);
	assert_int_equal(next(&race, &c), 0);
	race_end(&race);
	assert_false(tcpto_look_up(&c.list[0].ip, &rules, now).blocked);
	finish(&c);
}

/* A source address that is not ours: the same for all, and whose it was is told. */
static void
wrong_source(void **state)
{
	struct race_winner winner = { .fd = -1 };
	struct course c;
	struct race race;

	(void)state;
	prepare(&c);
	add(&c, "127.0.0.1", false);
	assert_true(ip_parse(VIEW("192.0.2.2"), &c.list[0].ip));
	assert_true(ip_parse(VIEW("192.0.2.1"), &c.task.controls.outgoing4));
	race_start(&race, &c.task, &c.targets);
	assert_int_equal(race_next(&race, &winner), CONNECT_NO_BIND);
	assert_ptr_equal(winner.target, &c.list[0]);
	assert_int_equal(winner.fd, -1);
	race_end(&race);
	finish(&c);
}

static int
enter_home(void **state)
{
	return unit_enter_directory(state) < 0 || mkdir("queue", 0755) < 0 ||
		mkdir("queue/lock", 0755) < 0
	    ? -1
	    : 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(in_their_order),
		cmocka_unit_test(left_out),
		cmocka_unit_test(overtaken),
		cmocka_unit_test(not_overtaken),
		cmocka_unit_test(timeouts),
		cmocka_unit_test(wrong_source),
	};

	return cmocka_run_group_tests(tests, enter_home, NULL);
}
