/* The challenges of a hostile SCRAM server. */
#include <stdint.h>
#include <stdlib.h>

#include "auth/scram.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const unsigned char random[SCRAM_NONCE] = { 0 };
	struct view challenge = { (const char *)data, size };
	struct credential c = { 0 };
	struct scram s;
	struct str out = { 0 };

	credential_set(&c, VIEW("user"), VIEW("pencil"));
	scram_start(&s, random);
	scram_first(&s, &c, &out);
	str_clear(&out);
	if (!scram_final(&s, &c, challenge, &out) && out.len > 0)
		abort();
	/* Nobody guesses a signature. */
	if (scram_verify(&s, challenge))
		abort();
	scram_free(&s);
	str_free(&out);
	return 0;
}
