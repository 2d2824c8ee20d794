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

/* With the nonce of RFC 7677 where one is needed. */
static void
start(struct sasl_client *s, enum sasl_mechanism mechanism, const struct credential *c)
{
	static struct sasl_setting setting;

	setting = (struct sasl_setting) {
		.credential = c, .host = VIEW("server.example.com"), .port = 143
	};
	sasl_start(s, mechanism, &setting);
}

static void
cram_of_the_rfc(void **state)
{
	struct credential c = credential("tim", "tanstaaftanstaaf");
	struct sasl_client s;
	struct str out = { 0 };

	(void)state;
	start(&s, SASL_CRAM_MD5, &c);
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
	start(&s, SASL_PLAIN, &c);
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
	start(&s, SASL_LOGIN, &c);
	assert_false(sasl_initial(&s, &out));
	assert_true(sasl_respond(&s, VIEW("Username:"), &out));
	is(&out, VIEW("u|s"));
	assert_true(sasl_respond(&s, VIEW("Password:"), &out));
	is(&out, VIEW("p w"));
	assert_false(sasl_respond(&s, VIEW("Again:"), &out));
	str_free(&out);
}

static struct credential
token_credential(const char *user, const char *token)
{
	struct credential c = { 0 };

	assert_true(credential_set_token(&c, view_of(user), view_of(token)));
	return c;
}

static void
xoauth2_message_then_empty_answer(void **state)
{
	struct credential c = token_credential("someuser@example.com", "ya29.vF9dft4");
	struct view message =
	    VIEW("user=someuser@example.com\001auth=Bearer ya29.vF9dft4\001\001");
	struct sasl_client s;
	struct str out = { 0 };

	(void)state;
	start(&s, SASL_XOAUTH2, &c);
	assert_true(sasl_initial(&s, &out));
	is(&out, message);
	assert_true(sasl_respond(&s, VIEW(""), &out)); /* it did not fit in the command */
	is(&out, message);
	assert_true(sasl_respond(&s, VIEW("{\"status\":\"400\"}"), &out));
	is(&out, VIEW(""));
	assert_false(sasl_respond(&s, VIEW(""), &out));

	start(&s, SASL_XOAUTH2, &c);
	sasl_initial_sent(&s);
	assert_true(sasl_respond(&s, VIEW("{\"status\":\"400\"}"), &out));
	is(&out, VIEW(""));
	assert_true(sasl_is_satisfied(&s));
	str_free(&out);
}

static void
oauthbearer_of_the_rfc(void **state)
{
	struct credential c = token_credential("user@example.com", "vF9dft4qmTc2Nvb3");
	struct credential odd = token_credential("a,b=c", "t");
	struct sasl_client s;
	struct str out = { 0 };

	(void)state;
	start(&s, SASL_OAUTHBEARER, &c);
	assert_true(sasl_initial(&s, &out));
	is(&out,
	    VIEW("n,a=user@example.com,\001host=server.example.com\001port=143\001"
		 "auth=Bearer vF9dft4qmTc2Nvb3\001\001"));
	sasl_initial_sent(&s);
	assert_true(sasl_respond(&s, VIEW("{\"status\":\"invalid_token\"}"), &out));
	is(&out, VIEW("\001"));
	start(&s, SASL_OAUTHBEARER, &odd);
	assert_true(sasl_initial(&s, &out));
	assert_true(view_starts(str_view(&out), VIEW("n,a=a=2Cb=3Dc,\001")));
	str_free(&out);
}

static void
tokens_and_passwords_have_their_mechanisms(void **state)
{
	struct credential token = token_credential("u", "t"), password = { 0 };

	(void)state;
	assert_true(credential_set(&password, VIEW("u"), VIEW("p")));
	assert_true(sasl_is_for(SASL_XOAUTH2, &token));
	assert_true(sasl_is_for(SASL_OAUTHBEARER, &token));
	assert_false(sasl_is_for(SASL_PLAIN, &token));
	assert_false(sasl_is_for(SASL_XOAUTH2, &password));
	assert_true(sasl_is_for(SASL_SCRAM_SHA_256, &password));
	assert_true(sasl_is_for(SASL_LOGIN, &password));
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
		cmocka_unit_test(xoauth2_message_then_empty_answer),
		cmocka_unit_test(oauthbearer_of_the_rfc),
		cmocka_unit_test(tokens_and_passwords_have_their_mechanisms),
		cmocka_unit_test(names),
		cmocka_unit_test(credentials_have_bounds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
