/* relaysecrets: the lines of remotesecrets and remoteauth, and which of them is taken (outbound 3.1 R and
 * O, 3.3, 3.4). */
#include "unit/unit.h"

#include "lib/base64.h"
#include "route/relaysecrets.h"

static const struct {
	const char *line, *relay, *port, *first, *rest; /* relay NULL: refused */
} lines[] = {
	{ "r.net:joe:pw", "r.net", "", "joe", "pw" },
	{ "r.net:joe:p:w d", "r.net", "", "joe", "p:w d" },
	{ "r.net:587:joe:pw", "r.net", "587", "joe", "pw" },
	{ "r.net:587:joe:p:w", "r.net", "587", "joe", "p:w" },
	{ "r.net:587:pw", "r.net", "", "587", "pw" },
	{ "[2001:db8::1]:joe:pw", "2001:db8::1", "", "joe", "pw" },
	{ "[IPv6:2001:db8::1]:26:joe:pw", "2001:db8::1", "26", "joe", "pw" },
	{ ":joe:pw", "", "", "joe", "pw" },
	{ ":587:pass:word", "", "", "587", "pass:word" },
	{ "r.net::", "r.net", "", "", "" },
	{ "r.net:joe", NULL, NULL, NULL, NULL },
	{ "r.net", NULL, NULL, NULL, NULL },
};

static void
cutting(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(lines); i++) {
		struct relaysecret_line l;
		bool ok = relaysecret_cut(view_of(lines[i].line), &l);

		if (ok != (lines[i].relay != NULL))
			fail_msg("'%s'", lines[i].line);
		if (!ok)
			continue;
		assert_view_equal(l.relay, view_of(lines[i].relay));
		assert_view_equal(l.port, view_of(lines[i].port));
		assert_view_equal(l.first, view_of(lines[i].first));
		assert_view_equal(l.rest, view_of(lines[i].rest));
	}
}

static const struct {
	struct view plain;
	const char *user, *pass; /* NULL: refused */
} secrets[] = {
	{ ROW("\0joe\0pw"), "joe", "pw" },
	{ ROW("joe\0joe\0p w"), "joe", "p w" },
	{ ROW("boss\0joe\0pw"), NULL, NULL },
	{ ROW("joe\0pw"), NULL, NULL },
	{ ROW("joe"), NULL, NULL },
};

static void
decoding(void **state)
{
	struct str bytes = { 0 }, text = { 0 };
	struct view user, pass;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(secrets); i++) {
		bool ok;

		str_clear(&text);
		base64_encode(&text, secrets[i].plain);
		ok = relaysecret_decode(str_view(&text), &bytes, &user, &pass);
		assert_int_equal(ok, secrets[i].user != NULL);
		if (ok) {
			assert_view_equal(user, view_of(secrets[i].user));
			assert_view_equal(pass, view_of(secrets[i].pass));
		}
	}
	assert_false(relaysecret_decode(VIEW("not base64"), &bytes, &user, &pass));
	str_free(&bytes);
	str_free(&text);
}

#define AUTH "AGF1AGFw" /* NUL au NUL ap */

static const struct {
	const char *name, *secrets, *auth, *user, *sender, *from; /* user NULL: error */
} rows[] = {
	{ "nothing", "", "", "", "", "" },
	{ "secrets", "r:u:p\n", "", "u", "", "control/remotesecrets:1" },
	{ "case", "R:u:p\n", "", "u", "", "control/remotesecrets:1" },
	{ "auth", "", "\nr:s@x:" AUTH "\n", "au", "s@x", "control/remoteauth:2" },
	{ "auth without sender", "", "r::" AUTH "\n", "au", "", "control/remoteauth:1" },
	{ "auth with a sender only", "", "r:s@x:\n", "", "s@x", "control/remoteauth:1" },
	{ "secrets before auth", "r:u:p\n", "r:s@x:" AUTH "\n", "u", "",
	    "control/remotesecrets:1" },
	{ "last of equal keys", "r:u:p\nr:v:p\n", "", "v", "",
	    "control/remotesecrets:2" },
	{ "name before name and port", "r:u:p\nr:26:v:p\n", "", "u", "",
	    "control/remotesecrets:1" },
	{ "name and port before all", ":u:p\nr:26:v:p\n", "", "v", "",
	    "control/remotesecrets:2" },
	{ "another port", "r:27:v:p\n", "", "", "", "" },
	{ "all", ":u:p\n", "", "u", "", "control/remotesecrets:1" },
	{ "a name in auth before all in secrets", ":u:p\n", "r::" AUTH "\n", "au", "",
	    "control/remoteauth:1" },
	{ "another relay", "q:u:p\n", "q::" AUTH "\n", "", "", "" },
	{ "a relay without credential", ":u:p\nr::\n", "", "", "", "" },
	{ "broken, of another relay", "", "q::!\n", "", "", "" },
	{ "broken base64", "", "r::!\n", NULL, "", "control/remoteauth:1" },
	{ "a sender that cannot be sent", "", "r:s@x y:" AUTH "\n", NULL, "",
	    "control/remoteauth:1" },
};

static void
selection(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++) {
		struct relaysecret secret = { 0 };
		struct problem problem = { 0 };
		enum answer found;

		unit_write_file("control/remotesecrets", view_of(rows[i].secrets));
		unit_write_file("control/remoteauth", view_of(rows[i].auth));
		found = relaysecrets_find(VIEW("r"), 26, &secret, &problem);
		if (!rows[i].user) {
			assert_int_equal(found, ANSWER_ERROR);
			assert_string_equal(problem.where, rows[i].from);
			continue;
		}
		if ((found == ANSWER_YES) != (*rows[i].from != '\0'))
			fail_msg("%s", rows[i].name);
		assert_view_equal(
		    credential_user(&secret.credential), view_of(rows[i].user));
		assert_view_equal(str_view(&secret.sender), view_of(rows[i].sender));
		assert_string_equal(secret.from.text, rows[i].from);
		relaysecret_free(&secret);
	}
}

/* 3.4: a file that nobody has to look at may be unreadable. */
static void
unreadable(void **state)
{
	struct relaysecret secret = { 0 };
	struct problem problem = { 0 };

	(void)state;
	unlink("control/remoteauth");
	assert_int_equal(mkdir("control/remoteauth", 0755), 0);
	unit_write_file("control/remotesecrets", VIEW("r:u:p\n:v:p\n"));
	assert_int_equal(relaysecrets_find(VIEW("r"), 26, &secret, &problem), ANSWER_YES);
	relaysecret_free(&secret);
	assert_int_equal(
	    relaysecrets_find(VIEW("q"), 26, &secret, &problem), ANSWER_ERROR);
	assert_string_equal(problem.where, "control/remoteauth");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cutting),
		cmocka_unit_test(decoding),
		cmocka_unit_test(selection),
		cmocka_unit_test(unreadable),
	};

	return cmocka_run_group_tests(tests, unit_enter_directory, NULL);
}
