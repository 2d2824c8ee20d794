/* certificate: the end of a certificate's validity, and whom it names, out of its file. */
#include "unit/unit.h"

#include "try/certificate.h"

/* Until Nov 25 16:02:12 2036 GMT. */
#define UTC_TIME                                                             \
	"-----BEGIN CERTIFICATE-----\n"                                      \
	"MIIBfjCCASOgAwIBAgIURkJ1mNILrXt+93fTmslI24WlmxYwCgYIKoZIzj0EAwIw\n" \
	"FDESMBAGA1UEAwwJeC5leGFtcGxlMB4XDTI2MTEyODE2MDIxMloXDTM2MTEyNTE2\n" \
	"MDIxMlowFDESMBAGA1UEAwwJeC5leGFtcGxlMFkwEwYHKoZIzj0CAQYIKoZIzj0D\n" \
	"AQcDQgAEsTjrlie/kP8WS/oC56UJhjK8GOOcVN3YFJN0WXOTSdagwuSoptR2wVRQ\n" \
	"xuAznXKi717zVNz9Lmy8WdxbN3UD7KNTMFEwHQYDVR0OBBYEFFBG+WCnMqzH52b9\n" \
	"L+mpxo2aj2qgMB8GA1UdIwQYMBaAFFBG+WCnMqzH52b9L+mpxo2aj2qgMA8GA1Ud\n" \
	"EwEB/wQFMAMBAf8wCgYIKoZIzj0EAwIDSQAwRgIhAPTDaGWvmgPuttzBegWjmX6v\n" \
	"nfkqRkvJM0DStw7Wg0leAiEAzM5P0gW7wPGtR2utJ08c8vHryhSKnPTIwqS4b9+G\n" \
	"jpI=\n"                                                             \
	"-----END CERTIFICATE-----\n"

/* Until Feb 17 16:02:55 2061 GMT. */
#define GENERALIZED                                                          \
	"-----BEGIN CERTIFICATE-----\n"                                      \
	"MIIBcDCCARWgAwIBAgIUDtOf8pSdB+v/Ie69rdox7prVeccwCgYIKoZIzj0EAwIw\n" \
	"DDEKMAgGA1UEAwwBeDAgFw0yNjExMjgxNjAyNTVaGA8yMDYxMDIxNzE2MDI1NVow\n" \
	"DDEKMAgGA1UEAwwBeDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABBHsXmhVu8LK\n" \
	"WpCXzZZLr1mTBefQ9zTBXPA+Tk5M6o+TxrMQ8CHXYcEsHk+MTJweBKg3PI7X3JUd\n" \
	"J5GIJ8WZAn+jUzBRMB0GA1UdDgQWBBQsBsxquvQbQkCREWKjCxMSKza0yjAfBgNV\n" \
	"HSMEGDAWgBQsBsxquvQbQkCREWKjCxMSKza0yjAPBgNVHRMBAf8EBTADAQH/MAoG\n" \
	"CCqGSM49BAMCA0kAMEYCIQC2/p3WzdhWXlm1gXa3Rl96mDzte23NDAmHf8w4vf2n\n" \
	"wAIhANwqiDM6NCEDruP9KoW49lcEG9bnJWsqGbkKiTFVRcd1\n"                 \
	"-----END CERTIFICATE-----\n"

/* Names a.example and *.b.example; its common name is x.example. */
#define ALTERNATIVES                                                         \
	"-----BEGIN CERTIFICATE-----\n"                                      \
	"MIIBtjCCAVugAwIBAgIUQJwiIaqiAy7iTj5hBtMyXH06+hkwCgYIKoZIzj0EAwIw\n" \
	"FDESMBAGA1UEAwwJeC5leGFtcGxlMB4XDTI2MTEyOTAzMDcyOFoXDTM2MTEyNjAz\n" \
	"MDcyOFowFDESMBAGA1UEAwwJeC5leGFtcGxlMFkwEwYHKoZIzj0CAQYIKoZIzj0D\n" \
	"AQcDQgAEiZ2OSl9tzmufn+KzaAR79lq+4lpKcmfM9UMS8NmaD92t5fPvJDSk5Iyn\n" \
	"7JHhCep+2nW82j77I2FwK8qbNX8qLaOBijCBhzAdBgNVHQ4EFgQUfhElIU/4mbp9\n" \
	"l2qZ9oyABV9emOAwHwYDVR0jBBgwFoAUfhElIU/4mbp9l2qZ9oyABV9emOAwDwYD\n" \
	"VR0TAQH/BAUwAwEB/zA0BgNVHREELTArgglhLmV4YW1wbGWCCyouYi5leGFtcGxl\n" \
	"gQtqQHkuZXhhbXBsZYcEwAACATAKBggqhkjOPQQDAgNJADBGAiEApqwKPSqByBn+\n" \
	"XFh5U7s0h4eFsl3WyXZDSlraBtyn5c4CIQDd40pwTxbJmjBxhQZR89Quhc//J49j\n" \
	"Pg5kmRL+4Mvuyw==\n"                                                 \
	"-----END CERTIFICATE-----\n"

/* Names an address of e-mail alone, and that is critical. */
#define NO_HOST                                                              \
	"-----BEGIN CERTIFICATE-----\n"                                      \
	"MIIBmTCCAT6gAwIBAgIUUIBgmdbZCqyFZqhOo7ZltUWvexEwCgYIKoZIzj0EAwIw\n" \
	"FDESMBAGA1UEAwwJeC5leGFtcGxlMB4XDTI2MTEyOTAzMDcyOFoXDTM2MTEyNjAz\n" \
	"MDcyOFowFDESMBAGA1UEAwwJeC5leGFtcGxlMFkwEwYHKoZIzj0CAQYIKoZIzj0D\n" \
	"AQcDQgAE9bW/tIUt14IwEKIJc2IXFhW3supjQB3NNyx6DU/4uYJ55VsRib8v/bBv\n" \
	"qQy43rwq17577Dbp65FXLeKpJ1dUyKNuMGwwHQYDVR0OBBYEFKqqwP1nGy9vyF7m\n" \
	"J3C9V2ED+7NYMB8GA1UdIwQYMBaAFKqqwP1nGy9vyF7mJ3C9V2ED+7NYMA8GA1Ud\n" \
	"EwEB/wQFMAMBAf8wGQYDVR0RAQH/BA8wDYELakB5LmV4YW1wbGUwCgYIKoZIzj0E\n" \
	"AwIDSQAwRgIhAO5Q06qvjoYpxOzEWSu6EtkC1cilgEB2XNNOr/G6qgvxAiEAwupW\n" \
	"zeUQYcA93y6UaQCZ24LDycgQFcQMd8tMeyQ93HQ=\n"                         \
	"-----END CERTIFICATE-----\n"

static const struct {
	const char *name;
	struct view pem;
	int64_t end; /* 0: none */
} rows[] = {
	{ "UTCTime", ROW(UTC_TIME), 2111241732 },
	{ "GeneralizedTime", ROW(GENERALIZED), 2875881775 },
	{ "behind a key",
	    ROW("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE "
		"KEY-----\n" UTC_TIME),
	    2111241732 },
	{ "the first counts", ROW(UTC_TIME GENERALIZED), 2111241732 },
	{ "nothing", ROW(""), 0 },
	{ "no certificate", ROW("-----BEGIN PRIVATE KEY-----\nAAAA\n"), 0 },
	{ "no base64",
	    ROW("-----BEGIN CERTIFICATE-----\n%%%%\n-----END CERTIFICATE-----\n"), 0 },
	{ "empty", ROW("-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n"), 0 },
	{ "no sequence",
	    ROW("-----BEGIN CERTIFICATE-----\nAgEA\n-----END CERTIFICATE-----\n"), 0 },
	{ "longer than it is",
	    ROW("-----BEGIN CERTIFICATE-----\nMIL//w==\n-----END CERTIFICATE-----\n"),
	    0 },
};

static void
test_rows(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++) {
		int64_t end = 0;

		if (certificate_end(rows[i].pem, &end) != (rows[i].end != 0) ||
		    end != rows[i].end)
			fail_msg("%s", rows[i].name);
	}
}

static const struct {
	struct view pem;
	const char *host;
	enum answer answer;
} named[] = {
	{ ROW(ALTERNATIVES), "a.example", ANSWER_YES },
	{ ROW(ALTERNATIVES), "A.Example", ANSWER_YES },
	{ ROW(ALTERNATIVES), "mx.b.example", ANSWER_YES },
	{ ROW(ALTERNATIVES), "b.example", ANSWER_NO },
	{ ROW(ALTERNATIVES), "mx.c.b.example", ANSWER_NO },
	{ ROW(ALTERNATIVES), "x.example", ANSWER_NO }, /* there are DNS names */
	{ ROW(ALTERNATIVES), "y.example", ANSWER_NO },
	{ ROW(NO_HOST), "x.example", ANSWER_YES },
	{ ROW(NO_HOST), "y.example", ANSWER_NO },
	{ ROW(UTC_TIME), "x.example", ANSWER_YES },
	{ ROW(UTC_TIME), "example", ANSWER_NO },
	{ ROW(UTC_TIME), "", ANSWER_NO },
	{ ROW(""), "x.example", ANSWER_ERROR },
};

static void
test_names(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(named); i++)
		if (certificate_names(named[i].pem, view_of(named[i].host)) !=
		    named[i].answer)
			fail_msg("row %zu: %s", i, named[i].host);
}

/* Cut anywhere, it is none or the same. */
static void
test_cut(void **state)
{
	struct view pem = BYTES(UTC_TIME);
	size_t i;

	(void)state;
	for (i = 0; i < pem.len; i++) {
		int64_t end = 0;

		if (certificate_end(view_first(pem, i), &end))
			assert_int_equal(end, rows[0].end);
		assert_int_not_equal(
		    certificate_names(view_first(pem, i), VIEW("y.example")), ANSWER_YES);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
