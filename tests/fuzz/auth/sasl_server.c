/* sasl_server: the first octet chooses mechanism and dialect, the rest is lines of a client. */
#include <stddef.h>
#include <stdint.h>

#include "auth/sasl_server.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct view rest = { (const char *)data, size }, line;
	struct sasl_nonce nonce = { .host = VIEW("mx.example.org") };
	struct sasl_server s;
	enum sasl_step step;
	uint8_t choice;

	if (size == 0)
		return 0;
	choice = data[0];
	rest = view_from(rest, 1);
	nonce.challenge_first = choice & 0x10;
	nonce.split_at_first = choice & 0x20;
	line = view_first(rest, view_index(rest, '\n'));
	step = sasl_server_start(&s,
	    (enum sasl_mechanism)((choice & 0x0f) % SASL_MECHANISMS), &nonce,
	    choice & 0x40 ? &line : NULL);
	while (step == SASL_ASK && rest.len > 0) {
		size_t end = view_index(rest, '\n');

		step = sasl_server_line(&s, view_first(rest, end));
		rest = view_from(rest, end + 1);
	}
	sasl_server_end(&s);
	return 0;
}
