/* route: addresses to channels (queue 4.3), and back for the bounce (4.7). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "users/route.h"

static const char virtualdomains[] =
    "virtual.example:vuser\nbob@person.example:bob\n.wild.example:wild\n"
    "exception.wild.example:\nDouble.example:first\ndouble.example:second\n"
    "no separator\nlocal.example:never\n";

static const struct {
	const char *name, *recipient;
	enum channel_kind channel;
	const char *address;
} rows[] = {
	{ "locals", "joe@local.example", CHANNEL_LOCAL, "joe@local.example" },
	{ "locals, other case kept", "Joe@LOCAL.example", CHANNEL_LOCAL,
	    "Joe@LOCAL.example" },
	{ "no at", "joe", CHANNEL_LOCAL, "joe@local.example" },
	{ "empty", "", CHANNEL_LOCAL, "@local.example" },
	{ "remote", "joe@remote.example", CHANNEL_REMOTE, "joe@remote.example" },
	{ "domain is after the last at", "a@local.example@remote.example", CHANNEL_REMOTE,
	    "a@local.example@remote.example" },
	{ "virtual domain", "joe@virtual.example", CHANNEL_LOCAL,
	    "vuser-joe@virtual.example" },
	{ "virtual domain, case", "joe@VIRTUAL.Example", CHANNEL_LOCAL,
	    "vuser-joe@VIRTUAL.Example" },
	{ "virtual user", "Bob@Person.example", CHANNEL_LOCAL, "bob-Bob@Person.example" },
	{ "another there", "al@person.example", CHANNEL_REMOTE, "al@person.example" },
	{ "wildcard", "joe@a.b.wild.example", CHANNEL_LOCAL,
	    "wild-joe@a.b.wild.example" },
	{ "wildcard does not match its own domain", "joe@wild.example", CHANNEL_REMOTE,
	    "joe@wild.example" },
	{ "exception", "joe@exception.wild.example", CHANNEL_REMOTE,
	    "joe@exception.wild.example" },
	{ "last duplicate wins", "joe@double.example", CHANNEL_LOCAL,
	    "second-joe@double.example" },
	{ "percenthack", "joe%remote.example@relay.example", CHANNEL_REMOTE,
	    "joe@remote.example" },
	{ "percenthack chain", "joe%local.example%relay.example@RELAY.example",
	    CHANNEL_LOCAL, "joe@local.example" },
	{ "percent elsewhere", "joe%remote.example@local.example", CHANNEL_LOCAL,
	    "joe%remote.example@local.example" },
	{ "such a domain without percent", "joe@relay.example", CHANNEL_REMOTE,
	    "joe@relay.example" },
};

static void
make_routes(struct routes *r, struct view virtual)
{
	*r = (struct routes) { 0 };
	route_table_parse(&r->locals, VIEW("local.example\n"), 0);
	route_table_parse(&r->virtualdomains, virtual, ':');
	route_table_parse(&r->percenthack, VIEW("relay.example\n"), 0);
	str_append_text(&r->envnoathost, "local.example");
}

static void
recipients_take_their_channel(void **state)
{
	struct str address = { 0 };
	struct routes r;
	size_t i;

	(void)state;
	make_routes(&r, view_of(virtualdomains));
	for (i = 0; i < sizeof rows / sizeof *rows; i++) {
		assert_int_equal(
		    route_recipient(&r, view_of(rows[i].recipient), &address),
		    rows[i].channel);
		assert_string_equal(str_text(&address), rows[i].address);
	}
	str_free(&address);
	routes_free(&r);
}

static void
an_empty_key_catches_all(void **state)
{
	struct str address = { 0 };
	struct routes r;

	(void)state;
	make_routes(&r, VIEW(":all\nout.example:\n"));
	assert_int_equal(
	    route_recipient(&r, VIEW("joe@remote.example"), &address), CHANNEL_LOCAL);
	assert_string_equal(str_text(&address), "all-joe@remote.example");
	assert_int_equal(
	    route_recipient(&r, VIEW("joe@out.example"), &address), CHANNEL_REMOTE);
	str_free(&address);
	routes_free(&r);
}

static void
prefixes_are_stripped_as_mapped_now(void **state)
{
	static const struct {
		const char *address, *expected;
	} cases[] = {
		{ "vuser-joe@virtual.example", "joe@virtual.example" },
		{ "other-joe@virtual.example", "other-joe@virtual.example" },
		{ "vuserjoe@virtual.example", "vuserjoe@virtual.example" },
		{ "wild-x@a.wild.example", "x@a.wild.example" },
		{ "wild-x@exception.wild.example", "wild-x@exception.wild.example" },
		{ "joe@remote.example", "joe@remote.example" },
		{ "joe", "joe" },
	};
	struct routes r;
	size_t i;

	(void)state;
	make_routes(&r, view_of(virtualdomains));
	for (i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct view out = route_strip_prefix(&r, view_of(cases[i].address));

		assert_true(view_equal(out, view_of(cases[i].expected)));
	}
	routes_free(&r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(recipients_take_their_channel),
		cmocka_unit_test(an_empty_key_catches_all),
		cmocka_unit_test(prefixes_are_stripped_as_mapped_now),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
