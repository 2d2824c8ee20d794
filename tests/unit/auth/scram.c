/* scram: RFC 7677's example, and what a server may not do. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "auth/scram.h"

#define NONCE "rOprNGfwEbeRWgbNEkqO"
#define FIRST \
	"r=" NONCE "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096"

/* The RFC's nonce is shorter than ours: the rest of it is the server's in the example, and the
 * client's first message is what the RFC has. */
static void
begin(struct scram *s, struct credential *c, struct str *out)
{
	static const unsigned char random[SCRAM_NONCE] = { 0 };

	memset(c, 0, sizeof *c);
	assert_true(credential_set(c, VIEW("user"), VIEW("pencil")));
	scram_start(s, random);
	scram_first(s, c, out);
}

static void
first_message(void **state)
{
	struct credential c;
	struct scram s;
	struct str out = { 0 };

	(void)state;
	begin(&s, &c, &out);
	assert_string_equal(str_text(&out), "n,,n=user,r=AAAAAAAAAAAAAAAAAAAAAAAA");
	scram_free(&s);
	str_clear(&out);
	assert_true(credential_set(&c, VIEW("a=b,c"), VIEW("p")));
	scram_start(&s,
	    (const unsigned char *)"\0\1\2\3\4\5\6\7\0\1\2\3\4\5\6\7\0\1\2\3\4\5\6\077");
	scram_first(&s, &c, &out);
	assert_string_equal(str_text(&out), "n,,n=a=3Db=2Cc,r=ABCDEFGHABCDEFGHABCDEFG/");
	scram_free(&s);
	str_free(&out);
}

/* The first SCRAM_NONCE octets of the whole nonce are taken as ours: nothing but client-first has
 * them alone. */
static void
example_of_the_rfc(void **state)
{
	struct credential c;
	struct scram s;
	struct str out = { 0 };

	(void)state;
	begin(&s, &c, &out);
	str_clear(&out);
	memcpy(s.nonce, NONCE "%hvY", SCRAM_NONCE);
	str_set(&s.first, VIEW("n=user,r=" NONCE));
	assert_true(scram_final(&s, &c, VIEW(FIRST), &out));
	assert_string_equal(str_text(&out),
	    "c=biws,r=" NONCE "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,"
	    "p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=");
	assert_false(s.verified);
	assert_false(
	    scram_verify(&s, VIEW("v=7rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=")));
	assert_false(scram_verify(&s, VIEW("e=invalid-proof")));
	assert_true(
	    scram_verify(&s, VIEW("v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=")));
	assert_true(s.verified);
	scram_free(&s);
	str_free(&out);
}

static void
rules_that_a_server_breaks(void **state)
{
	static const char *const broken[] = { "", "r=", "s=c2FsdA==,i=4096",
		"r=AAAAAAAAAAAAAAAAAAAAAAAA,s=c2FsdA==,i=4096",    /* our nonce alone */
		"r=BAAAAAAAAAAAAAAAAAAAAAAAx,s=c2FsdA==,i=4096",   /* another's */
		"r=AAAAAAAAAAAAAAAAAAAAAAAAx,s=c2FsdA,i=4096",     /* no base64 */
		"r=AAAAAAAAAAAAAAAAAAAAAAAAx,s=c2FsdA==,i=4095",   /* too few */
		"r=AAAAAAAAAAAAAAAAAAAAAAAAx,s=c2FsdA==,i=600001", /* too many */
		"r=AAAAAAAAAAAAAAAAAAAAAAAAx,s=c2FsdA==,i=99999999999999999999",
		"r=AAAAAAAAAAAAAAAAAAAAAAAAx,s=c2FsdA==,i=-1",
		"m=x,r=AAAAAAAAAAAAAAAAAAAAAAAAx,s=c2FsdA==,i=4096",
		"r=AAAAAAAAAAAAAAAAAAAAAAAAx,i=4096" };
	struct credential c;
	struct scram s;
	struct str out = { 0 };
	size_t i;

	(void)state;
	begin(&s, &c, &out);
	str_clear(&out);
	for (i = 0; i < sizeof broken / sizeof *broken; i++)
		if (scram_final(&s, &c, view_of(broken[i]), &out) || out.len > 0)
			fail_msg("%s: accepted", broken[i]);
	scram_free(&s);
	str_free(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(first_message),
		cmocka_unit_test(example_of_the_rfc),
		cmocka_unit_test(rules_that_a_server_breaks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
