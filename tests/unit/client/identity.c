/* identity: what makes two deliveries need two connections (outbound 5.5, rows 5 and 7). */
#include "unit/unit.h"

#include "client/identity.h"

/* A task in words; NULL is as in the first one. */
struct words {
	const char *host, *relay, *user, *pass, *helo, *source;
	uint16_t port;
	bool implicit, allow_clear;
};

static const struct words first = { "a.example", "Relay.example", "joe", "pw",
	"me.example", "192.0.2.1", 25, false, false };

static void
set_relay(struct route *route, const struct words *w)
{
	struct relay *relay = &route->relays.relays[0];

	str_set(&route->relay, view_of(w->relay));
	str_set(&relay->name, view_of(w->relay));
	relay->port = w->port;
	relay->implicit_tls = w->implicit;
	route->relays.count = 1;
}

static struct identity
of(const struct words *w, struct view salt)
{
	struct task task = { .host = view_of(w->host) };
	struct identity id;

	if (*w->relay)
		set_relay(&task.route, w);
	if (*w->user)
		assert_true(credential_set(
		    &task.route.credential, view_of(w->user), view_of(w->pass)));
	task.route.value.allow_clear = w->allow_clear;
	str_set(&task.controls.helohost, view_of(w->helo));
	if (*w->source)
		assert_true(ip_parse(view_of(w->source), &task.controls.outgoing4));
	id = identity_of_route(&task, salt);
	route_free(&task.route);
	controls_free(&task.controls);
	return id;
}

static const struct {
	const char *name;
	struct words words;
	bool same;
} routes[] = {
	{ "itself",
	    { "a.example", "Relay.example", "joe", "pw", "me.example", "192.0.2.1", 25,
		false, false },
	    true },
	{ "another host over the relay",
	    { "b.example", "relay.EXAMPLE", "joe", "pw", "me.example", "192.0.2.1", 25,
		false, false },
	    true },
	{ "another relay",
	    { "a.example", "other.example", "joe", "pw", "me.example", "192.0.2.1", 25,
		false, false },
	    false },
	{ "the host is what the relay was",
	    { "relay.example", "", "joe", "pw", "me.example", "192.0.2.1", 25, false,
		false },
	    false },
	{ "user",
	    { "a.example", "relay.example", "Joe", "pw", "me.example", "192.0.2.1", 25,
		false, false },
	    false },
	{ "password",
	    { "a.example", "relay.example", "joe", "pW", "me.example", "192.0.2.1", 25,
		false, false },
	    false },
	{ "where one ends and the other begins",
	    { "a.example", "relay.example", "joep", "w", "me.example", "192.0.2.1", 25,
		false, false },
	    false },
	{ "no credential",
	    { "a.example", "relay.example", "", "", "me.example", "192.0.2.1", 25, false,
		false },
	    false },
	{ "our name",
	    { "a.example", "relay.example", "joe", "pw", "us.example", "192.0.2.1", 25,
		false, false },
	    false },
	{ "our address",
	    { "a.example", "relay.example", "joe", "pw", "me.example", "", 25, false,
		false },
	    false },
	{ "port",
	    { "a.example", "relay.example", "joe", "pw", "me.example", "192.0.2.1", 26,
		false, false },
	    false },
	{ "implicit TLS",
	    { "a.example", "relay.example", "joe", "pw", "me.example", "192.0.2.1", 25,
		true, false },
	    false },
	{ "clear allowed",
	    { "a.example", "relay.example", "joe", "pw", "me.example", "192.0.2.1", 25,
		false, true },
	    false },
};

static void
routes_differ_where_it_matters(void **state)
{
	struct identity one = of(&first, VIEW("salt")), other;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof routes / sizeof *routes; i++) {
		other = of(&routes[i].words, VIEW("salt"));
		if (identity_equal(&one, &other) != routes[i].same)
			fail_msg("%s", routes[i].name);
	}
	other = of(&first, VIEW("other salt"));
	assert_false(identity_equal(&one, &other));
}

/* Two named routes never share a session, nor one before and after an edit. */
static void
named_routes_differ(void **state)
{
	static const struct {
		const char *name, *mechanisms;
		uint16_t relays, order, weight;
		enum route_protocol protocol;
	} rows[] = {
		{ "r", "", 1, 0, 1, ROUTE_SMTP },
		{ "other", "", 1, 0, 1, ROUTE_SMTP },
		{ "r", "PLAIN", 1, 0, 1, ROUTE_SMTP },
		{ "r", "", 2, 0, 1, ROUTE_SMTP },
		{ "r", "", 1, 1, 1, ROUTE_SMTP },
		{ "r", "", 1, 0, 2, ROUTE_SMTP },
		{ "r", "", 1, 0, 1, ROUTE_QMTP },
	};
	enum { ROWS = sizeof rows / sizeof *rows };
	struct identity ids[ROWS];
	size_t i, j;

	(void)state;
	for (i = 0; i < ROWS; i++) {
		struct task task = { .host = VIEW("a.example") };
		struct route *route = &task.route;

		str_set(&route->relay, VIEW("relay.example"));
		for (j = 0; j < rows[i].relays; j++) {
			struct relay *relay = &route->relays.relays[j];

			str_set(&relay->name, VIEW("relay.example"));
			relay->order = rows[i].order;
			relay->weight = rows[i].weight;
		}
		route->relays.count = rows[i].relays;
		route->value.protocol = rows[i].protocol;
		str_set(&route->name, view_of(rows[i].name));
		str_set(&route->mechanisms, view_of(rows[i].mechanisms));
		ids[i] = identity_of_route(&task, VIEW("salt"));
		for (j = 0; j < i; j++)
			assert_false(identity_equal(&ids[i], &ids[j]));
		route_free(route);
	}
}

/* Whose token it is counts, and what the token is does not: the session outlives it. */
static void
a_token_is_its_users(void **state)
{
	struct task task = { .host = VIEW("a.example") };
	struct identity one, other;

	(void)state;
	str_set(&task.route.relay, VIEW("relay.example"));
	str_set(&task.route.oauth, VIEW("office"));
	assert_true(credential_set(&task.route.credential, VIEW("joe"), VIEW("")));
	one = identity_of_route(&task, VIEW("salt"));
	other = identity_of_route(&task, VIEW("salt"));
	assert_true(identity_equal(&one, &other));
	str_set(&task.route.oauth, VIEW("other"));
	other = identity_of_route(&task, VIEW("salt"));
	assert_false(identity_equal(&one, &other));
	str_set(&task.route.oauth, VIEW("office"));
	assert_true(credential_set(&task.route.credential, VIEW("sue"), VIEW("")));
	other = identity_of_route(&task, VIEW("salt"));
	assert_false(identity_equal(&one, &other));
	route_free(&task.route);
}

/* A file of a token for the user takes the place of the password. */
static void
a_token_that_is_there_now(void **state)
{
	struct identity without, with, renewed;

	(void)state;
	assert_int_equal(mkdir("control/oauthtokens", 0755), 0);
	without = of(&first, VIEW("salt"));
	unit_write_file("control/oauthtokens/joe", VIEW("one\n"));
	with = of(&first, VIEW("salt"));
	unit_write_file("control/oauthtokens/joe", VIEW("another one\n"));
	renewed = of(&first, VIEW("salt"));
	assert_false(identity_equal(&without, &with));
	assert_true(identity_equal(&with, &renewed));
}

static struct identity
of_tls(const struct tlschoice *tls, bool clear_allowed)
{
	return identity_of_tls(tls, clear_allowed, VIEW("salt"));
}

static void
a_trust_store_that_changed_is_another(void **state)
{
	char path[] = "/tmp/identity.XXXXXX";
	int fd = mkstemp(path);
	struct tlschoice tls = { .level = TLS_SECURE };
	struct identity one, other;

	(void)state;
	assert_true(fd >= 0);
	str_set(&tls.name, VIEW("relay.example"));
	str_set(&tls.trust, view_of(path));
	one = of_tls(&tls, false);
	other = of_tls(&tls, false);
	assert_true(identity_equal(&one, &other));
	other = of_tls(&tls, true);
	assert_false(identity_equal(&one, &other));
	assert_int_equal(fd_write_all(fd, VIEW("x")), 0);
	other = of_tls(&tls, false);
	assert_false(identity_equal(&one, &other));
	tls.level = TLS_ENCRYPT;
	one = of_tls(&tls, false);
	assert_false(identity_equal(&one, &other));
	tlschoice_free(&tls);
	close(fd);
	unlink(path);
}

/* Whatever is asked of the session makes it another one. */
static void
each_setting_of_tls_counts(void **state)
{
	static const struct {
		const char *name;
		size_t offset;
	} texts[] = {
		{ "name", offsetof(struct tlschoice, name) },
		{ "also", offsetof(struct tlschoice, also) },
		{ "sni", offsetof(struct tlschoice, sni) },
		{ "fingerprints", offsetof(struct tlschoice, fingerprints) },
		{ "tlsa", offsetof(struct tlschoice, tlsa) }, /* outbound 5.5, row 6 */
		{ "refusal", offsetof(struct tlschoice, refusal) },
		{ "trust", offsetof(struct tlschoice, trust) },
		{ "ciphers", offsetof(struct tlschoice, ciphers) },
		{ "cert", offsetof(struct tlschoice, cert) },
		{ "key", offsetof(struct tlschoice, key) },
		{ "key_password", offsetof(struct tlschoice, key_password) },
	};
	const struct tlschoice plain = { .level = TLS_VERIFY };
	const struct tlschoice others[] = {
		{ .level = TLS_SECURE },
		{ .level = TLS_VERIFY, .wrong_name = true },
		{ .level = TLS_VERIFY, .name_is_ip = true },
		{ .level = TLS_VERIFY, .rules = { .lowest = TLS_1_3 } },
		{ .level = TLS_VERIFY, .rules = { .highest = TLS_1_3 } },
		{ .level = TLS_VERIFY, .rules = { .depth = 1 } },
		{ .level = TLS_VERIFY, .rules = { .exact = true } },
	};
	struct identity one = of_tls(&plain, false), other;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof texts / sizeof *texts; i++) {
		struct tlschoice tls = plain;

		str_set((struct str *)((char *)&tls + texts[i].offset), VIEW("x"));
		other = of_tls(&tls, false);
		if (identity_equal(&one, &other))
			fail_msg("%s", texts[i].name);
		tlschoice_free(&tls);
	}
	for (i = 0; i < sizeof others / sizeof *others; i++) {
		other = of_tls(&others[i], false);
		if (identity_equal(&one, &other))
			fail_msg("others[%zu]", i);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(routes_differ_where_it_matters),
		cmocka_unit_test(named_routes_differ),
		cmocka_unit_test(a_token_is_its_users),
		cmocka_unit_test(a_token_that_is_there_now),
		cmocka_unit_test(a_trust_store_that_changed_is_another),
		cmocka_unit_test(each_setting_of_tls_counts),
	};

	return cmocka_run_group_tests(tests, unit_enter_directory, NULL);
}
