/* A certificate of a hostile server, in DER: what is told of it is a frame with a few short fields. */
#include "fuzz/fuzz.h"

#include "tls/about.h"
#include "tls/fingerprint.h"
#include "tls/verify.h"
#include "wire/frame.h"

enum { FIELDS_MAX = 16, FIELD_MAX = 210 };

static void
check(struct view packet)
{
	struct view rest, octets;
	struct frame frame;
	uint16_t tag;
	size_t fields = 0;

	claim(frame_parse(packet, &frame));
	rest = frame.fields;
	while (frame_next(&rest, &tag, &octets)) {
		claim(octets.len <= FIELD_MAX);
		fields++;
	}
	claim(fields <= FIELDS_MAX);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const unsigned char *at = data;
	X509 *certificate = d2i_X509(NULL, &at, (long)size);
	struct str packet = { 0 }, subject = { 0 }, reason = { 0 };

	if (certificate) {
		frame_start(&packet, 1, FRAME_OK, 1, 0);
		about_add(certificate, &packet);
		check(str_view(&packet));
		verify_subject(certificate, &subject);
		claim(fingerprint_check(certificate, VIEW("00,"), &reason) < 0);
		claim(fingerprint_check(certificate,
			  VIEW("000000000000000000000000000000000000000000000000000000000"
			       "0000000"),
			  &reason) < 0 &&
		    reason.len > 0);
		X509_free(certificate);
	}
	str_free(&packet);
	str_free(&subject);
	str_free(&reason);
	return 0;
}
