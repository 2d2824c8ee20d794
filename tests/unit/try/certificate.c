/* certificate: the end of a certificate's validity, out of its file. */
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
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
