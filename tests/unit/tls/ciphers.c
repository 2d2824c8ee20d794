/* ciphers: one list of an admin for TLS 1.2 and 1.3 (inbound 4.1.1). */
#include "tls/ciphers.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void
splits(void **state)
{
	static const struct {
		const char *list, *names, *suites;
	} cases[] = {
		{ "", "", "" },
		{ ":::", "", "" },
		{ "DEFAULT", "DEFAULT", "" },
		{ "HIGH:!aNULL:@STRENGTH", "HIGH:!aNULL:@STRENGTH", "" },
		{ "TLS_AES_128_GCM_SHA256", "", "TLS_AES_128_GCM_SHA256" },
		{ "ECDHE+AESGCM TLS_AES_256_GCM_SHA384, AES128-SHA",
		    "ECDHE+AESGCM:AES128-SHA", "TLS_AES_256_GCM_SHA384" },
		{ "TLS_CHACHA20_POLY1305_SHA256:TLS_AES_128_CCM_8_SHA256:HIGH:", "HIGH",
		    "TLS_CHACHA20_POLY1305_SHA256:TLS_AES_128_CCM_8_SHA256" },
		{ "TLS_FUTURE_SHA512:HIGH", "HIGH", "" },
		{ "!TLS_AES_128_GCM_SHA256:HIGH", "HIGH", "" },
		{ "TLS_RSA_WITH_AES_128_CBC_SHA", "TLS_RSA_WITH_AES_128_CBC_SHA", "" },
		{ "TLSv1.2:-TLS_X", "TLSv1.2", "" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct str names = { 0 }, suites = { 0 };

		ciphers_split(view_of(cases[i].list), &names, &suites);
		assert_string_equal(str_text(&names), cases[i].names);
		assert_string_equal(str_text(&suites), cases[i].suites);
		str_free(&names);
		str_free(&suites);
	}
}

static void
uses(void **state)
{
	static const struct {
		const char *list;
		int result;
	} cases[] = {
		{ "", 0 },
		{ "DEFAULT", 0 },
		{ "TLS_AES_128_GCM_SHA256", 0 },
		{ "TLS_AES_128_GCM_SHA256:TLS_NONE:ECDHE-RSA-AES128-GCM-SHA256", 0 },
		{ "NO-SUCH-CIPHER:TLS_AES_128_GCM_SHA256", -1 },
		{ "NO-SUCH-CIPHER:HIGH", 0 },
	};
	SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());
	size_t i;

	(void)state;
	for (i = 0; i < sizeof cases / sizeof *cases; i++) {
		SSL *ssl = SSL_new(ctx);

		assert_int_equal(
		    ciphers_use(ssl, view_of(cases[i].list)), cases[i].result);
		SSL_free(ssl);
	}
	SSL_CTX_free(ctx);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(splits),
		cmocka_unit_test(uses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
