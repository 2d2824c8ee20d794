/* sasl_server: exchanges as tables, each line of the client and what follows it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "auth/sasl_server.h"
#include "lib/base64.h"

struct row {
	const char *name;
	enum sasl_mechanism mechanism;
	const char *initial;   /* NULL: none */
	const char *lines[3];  /* NULL-terminated */
	const char *challenge; /* the first one asked, base64; NULL: none */
	enum sasl_step end;
	const char *user, *password;
};

static const struct row rows[] = {
	{ "PLAIN at once", SASL_PLAIN, "AGpvZQBzZWNyZXQ=", { NULL }, NULL, SASL_COMPLETE,
	    "joe", "secret" },
	{ "PLAIN in two steps", SASL_PLAIN, NULL, { "AGpvZQBzZWNyZXQ=" }, "",
	    SASL_COMPLETE, "joe", "secret" },
	{ "PLAIN, authzid is the user", SASL_PLAIN, "am9lAGpvZQBzZWNyZXQ=", { NULL },
	    NULL, SASL_COMPLETE, "joe", "secret" },
	{ "PLAIN, authzid is another", SASL_PLAIN, "eG0Aam9lAHNlY3JldA==", { NULL }, NULL,
	    SASL_MALFORMED, NULL, NULL },
	{ "PLAIN, empty initial response", SASL_PLAIN, "=", { NULL }, NULL,
	    SASL_MALFORMED, NULL, NULL },
	{ "PLAIN, no password", SASL_PLAIN, "AGpvZQA=", { NULL }, NULL, SASL_MALFORMED,
	    NULL, NULL },
	{ "PLAIN, no NUL", SASL_PLAIN, "am9l", { NULL }, NULL, SASL_MALFORMED, NULL,
	    NULL },
	{ "PLAIN, canceled", SASL_PLAIN, NULL, { "*" }, "", SASL_CANCELED, NULL, NULL },
	{ "PLAIN, empty line", SASL_PLAIN, NULL, { "" }, "", SASL_MALFORMED, NULL, NULL },
	{ "PLAIN, no base64", SASL_PLAIN, NULL, { "a!b=" }, "", SASL_MALFORMED, NULL,
	    NULL },
	{ "LOGIN", SASL_LOGIN, NULL, { "am9l", "c2VjcmV0" }, "VXNlcm5hbWU6",
	    SASL_COMPLETE, "joe", "secret" },
	{ "LOGIN with the user", SASL_LOGIN, "am9l", { "c2VjcmV0" }, "UGFzc3dvcmQ6",
	    SASL_COMPLETE, "joe", "secret" },
	{ "LOGIN, no user", SASL_LOGIN, NULL, { "" }, "VXNlcm5hbWU6", SASL_MALFORMED,
	    NULL, NULL },
	{ "LOGIN, no password", SASL_LOGIN, "am9l", { "" }, "UGFzc3dvcmQ6",
	    SASL_MALFORMED, NULL, NULL },
	{ "LOGIN, canceled at the password", SASL_LOGIN, "am9l", { "*" }, "UGFzc3dvcmQ6",
	    SASL_CANCELED, NULL, NULL },
	{ "CRAM-MD5 allows no initial response", SASL_CRAM_MD5, "am9l", { NULL }, NULL,
	    SASL_MALFORMED, NULL, NULL },
};

static void
check_end(const struct row *row, const struct sasl_server *s, enum sasl_step step)
{
	assert_int_equal(step, row->end);
	if (step != SASL_COMPLETE)
		return;
	assert_string_equal(str_text(&s->user), row->user);
	assert_string_equal(str_text(&s->second), row->password);
	assert_string_equal(str_text(&s->third), "");
}

static void
exchanges(void **state)
{
	size_t i, k;

	(void)state;
	for (i = 0; i < sizeof rows / sizeof *rows; i++) {
		const struct row *row = &rows[i];
		struct view initial = view_of(row->initial);
		struct sasl_nonce nonce = { 0 };
		struct sasl_server s;
		enum sasl_step step = sasl_server_start(
		    &s, row->mechanism, &nonce, row->initial ? &initial : NULL);

		if (row->challenge)
			assert_string_equal(str_text(&s.challenge), row->challenge);
		for (k = 0; k < 3 && row->lines[k]; k++) {
			assert_int_equal(step, SASL_ASK);
			step = sasl_server_line(&s, view_of(row->lines[k]));
		}
		check_end(row, &s, step);
		sasl_server_end(&s);
	}
}

static void
cram_one(bool challenge_first, bool split_at_first, const char *user, const char *digest)
{
	static const char clear[] =
	    "<7.1700000000.00010000000000000000000000000000@mx.example.org>";
	struct sasl_nonce nonce = { .now = 1700000000,
		.pid = 7,
		.random = { 0, 1 },
		.host = VIEW("mx.example.org"),
		.challenge_first = challenge_first,
		.split_at_first = split_at_first };
	struct str challenge = { 0 }, answer = { 0 };
	struct sasl_server s;

	assert_int_equal(sasl_server_start(&s, SASL_CRAM_MD5, &nonce, NULL), SASL_ASK);
	base64_encode(&challenge, view_of(clear));
	assert_string_equal(str_text(&s.challenge), str_text(&challenge));
	base64_encode(&answer, VIEW("two words 0123abcd"));
	assert_int_equal(sasl_server_line(&s, str_view(&answer)), SASL_COMPLETE);
	assert_string_equal(str_text(&s.user), user);
	assert_string_equal(str_text(challenge_first ? &s.third : &s.second), digest);
	assert_string_equal(str_text(challenge_first ? &s.second : &s.third), clear);
	sasl_server_end(&s);
	str_free(&challenge);
	str_free(&answer);
}

static void
cram_in_the_order_of_the_dialect(void **state)
{
	(void)state;
	cram_one(false, false, "two words", "0123abcd");
	cram_one(true, false, "two words", "0123abcd");
	cram_one(false, true, "two", "words 0123abcd");
}

static void
mechanisms_by_name(void **state)
{
	enum sasl_mechanism m;

	(void)state;
	assert_true(sasl_mechanism_of(VIEW("cram-md5"), &m));
	assert_int_equal(m, SASL_CRAM_MD5);
	assert_true(sasl_mechanism_of(VIEW("Login"), &m));
	assert_int_equal(m, SASL_LOGIN);
	assert_false(sasl_mechanism_of(VIEW("ANONYMOUS"), &m));
	assert_false(sasl_mechanism_of(VIEW(""), &m));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(exchanges),
		cmocka_unit_test(cram_in_the_order_of_the_dialect),
		cmocka_unit_test(mechanisms_by_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
