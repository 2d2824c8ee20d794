/* answer: what token servers say (RFC 6749 5.1, 5.2), and what they had better not; request: the form
 * that is posted. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "oauth/answer.h"
#include "oauth/request.h"

#define LATE "the answer has no access_token that can be used (HTTP status 200)"

static const struct {
	long code;
	const char *body;
	const char *token, *refresh; /* token NULL: refused */
	uint64_t lifetime;
	const char *refusal;
} rows[] = {
	{ 200, "{\"access_token\":\"abc\",\"token_type\":\"Bearer\",\"expires_in\":3599}",
	    "abc", "", 3599, NULL },
	{ 200, "{\"access_token\":\"abc\",\"expires_in\":\"60\",\"refresh_token\":\"r\"}",
	    "abc", "r", 60, NULL },
	{ 200, "{\"access_token\":\"abc\"}", "abc", "", OAUTH_LIFETIME, NULL },
	{ 200, "{\"access_token\":\"abc\",\"expires_in\":-5}", "abc", "", 0, NULL },
	{ 200, "{\"access_token\":\"abc\",\"expires_in\":99999999999999}", "abc", "",
	    OAUTH_LIFETIME_MAX, NULL },
	{ 200, "{\"access_token\":\"abc\",\"expires_in\":\"soon\"}", "abc", "",
	    OAUTH_LIFETIME, NULL },
	{ 400,
	    "{\"error\":\"invalid_grant\",\"error_description\":\"AADSTS700082:\\r\\n "
	    "gone\"}",
	    NULL, NULL, 0, "invalid_grant: AADSTS700082:   gone" },
	{ 401, "{\"error\":\"invalid_client\"}", NULL, NULL, 0, "invalid_client" },
	{ 200, "{\"error\":\"odd\",\"access_token\":\"abc\"}", NULL, NULL, 0, "odd" },
	{ 503, "{\"access_token\":\"abc\"}", NULL, NULL, 0,
	    "the token server refused without a word (HTTP status 503)" },
	{ 200, "", NULL, NULL, 0,
	    "the token server's answer is not a JSON object (HTTP status 200)" },
	{ 502, "<html>", NULL, NULL, 0,
	    "the token server's answer is not a JSON object (HTTP status 502)" },
	{ 200, "[\"abc\"]", NULL, NULL, 0,
	    "the token server's answer is not a JSON object (HTTP status 200)" },
	{ 200, "{}", NULL, NULL, 0, LATE },
	{ 200, "{\"access_token\":17}", NULL, NULL, 0, LATE },
	{ 200, "{\"access_token\":\"a b\"}", NULL, NULL, 0, LATE },
	{ 200, "{\"access_token\":\"a\\u0001b\"}", NULL, NULL, 0, LATE },
	{ 200, "{\"access_token\":\"abc\",\"token_type\":\"mac\"}", NULL, NULL, 0,
	    "the token is not of type Bearer (HTTP status 200)" },
	{ 200, "{\"access_token\":\"abc\",\"refresh_token\":\"a\\nb\"}", NULL, NULL, 0,
	    "the answer has an impossible refresh_token (HTTP status 200)" },
};

static void
answers(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct oauth_answer a = { 0 };
		bool ok = answer_parse(rows[i].code, view_of(rows[i].body), &a);

		if (ok != (rows[i].token != NULL))
			fail_msg("%s: %d", rows[i].body, ok);
		if (ok) {
			assert_string_equal(str_text(&a.token), rows[i].token);
			assert_string_equal(str_text(&a.refreshtoken), rows[i].refresh);
			assert_int_equal(a.lifetime, rows[i].lifetime);
		} else {
			assert_string_equal(str_text(&a.refusal), rows[i].refusal);
		}
		answer_free(&a);
	}
}

static void
forms(void **state)
{
	struct oauth_settings s = { .grant = GRANT_CLIENT_CREDENTIALS };
	struct str out = { 0 };

	(void)state;
	str_set(&s.clientid, VIEW("id-1"));
	str_set(&s.clientsecret, VIEW("a b&c=d~+"));
	str_set(&s.refreshtoken, VIEW("old"));
	str_set(&s.scope, VIEW("https://mail/.default"));
	request_form(&s, VIEW("new"), &out);
	assert_string_equal(str_text(&out),
	    "grant_type=client_credentials&client_id=id-1&client_secret=a%20b%26c%3dd~%2b"
	    "&scope=https%3a%2f%2fmail%2f.default");
	s.grant = GRANT_REFRESH_TOKEN;
	str_clear(&s.clientsecret);
	str_clear(&s.scope);
	str_clear(&out);
	request_form(&s, VIEW("new"), &out);
	assert_string_equal(
	    str_text(&out), "grant_type=refresh_token&client_id=id-1&refresh_token=new");
	settings_free(&s);
	str_free(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answers),
		cmocka_unit_test(forms),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
