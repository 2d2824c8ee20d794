/* senderrules: s/qmail's mailfromrules.cdb, its keys in their order, its data, and a file that is none. */
#include "policy/senderrules.h"

#include <cdb.h>

#include "unit/unit.h"

static const struct {
	const char *data, *sender;
	bool allowed;
} matches[] = {
	{ "", "anybody@any.example", true },
	{ "+a@b.example", "a@b.example", true },
	{ "+a@b.example", "A@B.Example", true },
	{ "+a@b.example", "za@b.example", true }, /* the end is what counts */
	{ "+@b.example", "a@b.example", true },
	{ "+@b.example", "a@sub.b.example", false },
	{ "+b.example", "a@sub.b.example", true },
	{ "+long@b.example", "g@b.example", false },
	{ "+x@c.example+@b.example", "a@b.example", true },
	{ "+x@c.example+@b.example", "x@c.example", true },
	{ "+x@c.example+@b.example", "y@c.example", false },
	{ "+", "a@b.example", false },
	{ "++", "a@b.example", false },
	{ "a@b.example", "a@b.example", true },
	{ "+@b.example", "", false },
};

static void
data_of_a_key(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(matches); i++)
		if (senderrules_match(view_of(matches[i].data),
			view_of(matches[i].sender)) != matches[i].allowed)
			fail_msg("%s: %s", matches[i].data, matches[i].sender);
}

/* --- keys ----------------------------------------------------------------------------------------- */

static const char *const records[][2] = {
	{ "joe", "+joe@user.example" },
	{ "joe@192.0.2.1", "+joe@ip.example" },
	{ "joe@=pc.home.example", "+joe@host.example" },
	{ "192.0.2.1", "+@address.example" },
	{ "=pc.home.example", "+@pc.example" },
	{ "2001:db8:0:", "+@long.example" },
	{ "2001:db8:", "" },
	{ "192.0.2.", "+@net.example" },
	{ "192.", "+@wide.example" },
	{ "=.home.example", "+@home.example" },
	{ "=.example", "+@example.example" },
	{ "=", "+@named.example" },
};

static const struct {
	const char *ip, *host, *user, *sender;
	enum answer answer;
} cases[] = {
	{ "192.0.2.1", "pc.home.example", "joe", "joe@user.example", ANSWER_YES },
	{ "192.0.2.1", "PC.home.example", "JOE", "joe@ip.example", ANSWER_YES },
	{ "192.0.2.1", "PC.home.example", "joe", "joe@host.example", ANSWER_YES },
	{ "192.0.2.2", "pc.home.example", "joe", "joe@ip.example", ANSWER_NO },
	{ "192.0.2.1", "unknown", "joe", "joe@host.example", ANSWER_NO },
	{ "192.0.2.1", "pc.home.example", NULL, "joe@user.example", ANSWER_NO },
	{ "192.0.2.1", "pc.home.example", "", "joe@user.example", ANSWER_NO },
	{ "192.0.2.1", "unknown", NULL, "a@address.example", ANSWER_YES },
	{ "192.0.2.11", "unknown", NULL, "a@address.example", ANSWER_NO },
	{ "192.0.2.11", "unknown", NULL, "a@net.example", ANSWER_YES },
	{ "192.0.2.1", "unknown", NULL, "a@wide.example", ANSWER_YES },
	{ "198.51.100.1", "unknown", NULL, "a@wide.example", ANSWER_NO },
	{ "198.51.100.1", "pc.home.example", NULL, "a@pc.example", ANSWER_YES },
	{ "198.51.100.1", "x.pc.home.example", NULL, "a@pc.example", ANSWER_NO },
	{ "198.51.100.1", "x.y.home.example", NULL, "a@home.example", ANSWER_YES },
	{ "198.51.100.1", "home.example", NULL, "a@home.example", ANSWER_NO },
	{ "198.51.100.1", "home.example", NULL, "a@example.example", ANSWER_YES },
	{ "198.51.100.1", "host.net", NULL, "a@named.example", ANSWER_YES },
	{ "198.51.100.1", "unknown", NULL, "a@named.example", ANSWER_NO },
	{ "198.51.100.1", "", NULL, "a@named.example", ANSWER_NO },
	{ "2001:DB8:0:1::1", "unknown", NULL, "a@long.example", ANSWER_YES },
	{ "2001:db8:0:1::1", "unknown", NULL, "a@any.example", ANSWER_YES },
	{ "2001:db9::1", "unknown", NULL, "a@any.example", ANSWER_NO },
};

static void
make_rules(void)
{
	struct cdb_make make;
	int fd = open("rules.cdb", O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	size_t i;

	assert_true(fd >= 0);
	assert_int_equal(cdb_make_start(&make, fd), 0);
	for (i = 0; i < COUNT(records); i++)
		assert_int_equal(cdb_make_add(&make, records[i][0],
				     (unsigned)view_of(records[i][0]).len, records[i][1],
				     (unsigned)view_of(records[i][1]).len),
		    0);
	assert_int_equal(cdb_make_finish(&make), 0);
	assert_int_equal(close(fd), 0);
}

static void
keys_in_their_order(void **state)
{
	struct problem problem;
	struct cdbmap *rules;
	size_t i;

	(void)state;
	make_rules();
	assert_int_equal(cdbmap_open("rules.cdb", &rules, &problem), ANSWER_YES);
	for (i = 0; i < COUNT(cases); i++) {
		struct senderrules_client client = { view_of(cases[i].ip),
			view_of(cases[i].host), view_of(cases[i].user),
			cases[i].user != NULL };
		enum answer answer =
		    senderrules_allow(rules, &client, view_of(cases[i].sender), &problem);

		if (answer != cases[i].answer)
			fail_msg("%s %s %s: %s is %d", cases[i].ip, cases[i].host,
			    cases[i].user ? cases[i].user : "-", cases[i].sender,
			    (int)answer);
	}
	cdbmap_close(rules);
}

/* A table that points beyond the file is no "not allowed". */
static void
damaged(void **state)
{
	struct senderrules_client client = { VIEW("192.0.2.1"), VIEW("unknown"), VIEW(""),
		false };
	char bytes[2048 + 8];
	struct problem problem;
	struct cdbmap *rules;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof bytes; i++)
		bytes[i] = (char)(i % 4 == 2 ? 1 : 0x10);
	unit_write_file("bad.cdb", (struct view) { bytes, sizeof bytes });
	if (cdbmap_open("bad.cdb", &rules, &problem) != ANSWER_YES)
		return; /* found out even earlier */
	assert_int_equal(
	    senderrules_allow(rules, &client, VIEW("a@b"), &problem), ANSWER_ERROR);
	assert_string_equal(problem.where, "bad.cdb");
	cdbmap_close(rules);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(data_of_a_key),
		cmocka_unit_test(keys_in_their_order),
		cmocka_unit_test(damaged),
	};

	return cmocka_run_group_tests(tests, unit_enter_directory, NULL);
}
