/* sasl_client: what each mechanism says; RFC 2195's and RFC 4616's examples. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "auth/sasl_client.h"

static void
is(struct str *got, struct view want)
{
	assert_int_equal(got->len, want.len);
	assert_memory_equal(str_text(got), want.at, want.len);
	str_clear(got);
}

static struct credential
credential(const char *user, const char *pass)
{
	struct credential c = { 0 };

	assert_true(credential_set(&c, view_of(user), view_of(pass)));
	return c;
}

static void
cram_of_the_rfc(void **state)
{
	struct credential c = credential("tim", "tanstaaftanstaaf");
	struct sasl_client s;
	struct str out = { 0 };

	(void)state;
	sasl_start(&s, SASL_CRAM_MD5, &c);
	assert_false(sasl_initial(&s, &out));
	assert_true(
	    sasl_respond(&s, VIEW("<1896.697170952@postoffice.reston.mci.net>"), &out));
	is(&out, VIEW("tim b913a602c7eda7a495b4e6e7334d3890"));
	assert_false(sasl_respond(&s, VIEW("more"), &out));
	str_free(&out);
}

static void
plain_of_the_rfc(void **state)
{
	struct credential c = credential("tim", "tanstaaftanstaaf");
	struct sasl_client s;
	struct str out = { 0 };

	(void)state;
	sasl_start(&s, SASL_PLAIN, &c);
	assert_true(sasl_initial(&s, &out));
	is(&out, VIEW("\0tim\0tanstaaftanstaaf"));
	assert_true(
	    sasl_respond(&s, VIEW(""), &out)); /* when it did not fit in the command */
	is(&out, VIEW("\0tim\0tanstaaftanstaaf"));
	assert_false(sasl_respond(&s, VIEW(""), &out));
	str_free(&out);
}

static void
login_user_then_password(void **state)
{
	struct credential c = credential("u|s", "p w");
	struct sasl_client s;
	struct str out = { 0 };

	(void)state;
	sasl_start(&s, SASL_LOGIN, &c);
	assert_false(sasl_initial(&s, &out));
	assert_true(sasl_respond(&s, VIEW("Username:"), &out));
	is(&out, VIEW("u|s"));
	assert_true(sasl_respond(&s, VIEW("Password:"), &out));
	is(&out, VIEW("p w"));
	assert_false(sasl_respond(&s, VIEW("Again:"), &out));
	str_free(&out);
}

static void
names(void **state)
{
	enum sasl_mechanism m = SASL_LOGIN;

	(void)state;
	assert_true(sasl_by_name(VIEW("cram-md5"), &m));
	assert_int_equal(m, SASL_CRAM_MD5);
	assert_false(sasl_by_name(VIEW("CRAM"), &m));
	assert_false(sasl_by_name(VIEW(""), &m));
	assert_string_equal(sasl_name(SASL_PLAIN), "PLAIN");
	assert_true(sasl_hides_password(SASL_CRAM_MD5));
	assert_false(sasl_hides_password(SASL_PLAIN));
}

static void
credentials_have_bounds(void **state)
{
	struct credential c = credential("old", "old");
	static const char zeros[sizeof c];
	char big[CREDENTIAL_PASS + 1];

	(void)state;
	memset(big, 'x', sizeof big);
	assert_false(credential_set(&c, VIEW("u"), (struct view) { big, sizeof big }));
	assert_false(
	    credential_set(&c, (struct view) { big, CREDENTIAL_USER + 1 }, VIEW("p")));
	assert_false(credential_set(&c, VIEW("u\0"), VIEW("p")));
	assert_int_equal(credential_user(&c).len, 3);
	assert_true(
	    credential_set(&c, VIEW("u"), (struct view) { big, CREDENTIAL_PASS }));
	assert_true(credential_is_set(&c));
	credential_wipe(&c);
	assert_false(credential_is_set(&c));
	assert_memory_equal(&c, zeros, sizeof c);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cram_of_the_rfc),
		cmocka_unit_test(plain_of_the_rfc),
		cmocka_unit_test(login_user_then_password),
		cmocka_unit_test(names),
		cmocka_unit_test(credentials_have_bounds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
