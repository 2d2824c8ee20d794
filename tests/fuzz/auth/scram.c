/* The challenges of a hostile SCRAM server. */
#include <stdint.h>
#include <stdlib.h>

#include "auth/scram.h"
#include "lib/scan.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Does it ask for more than the least work?  That costs time and finds nothing. */
static bool
is_dear(struct view challenge)
{
	struct view part;
	uint64_t count;

	while (view_next_piece(&challenge, ',', &part))
		if (view_starts(part, VIEW("i=")) &&
		    scan_whole_u64(view_from(part, 2), &count) &&
		    count > SCRAM_ITERATIONS_MIN && count <= SCRAM_ITERATIONS)
			return true;
	return false;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const unsigned char random[SCRAM_NONCE] = { 0 };
	struct view challenge = { (const char *)data, size };
	struct credential c = { 0 };
	struct scram s;
	struct str out = { 0 };

	if (is_dear(challenge))
		return 0;
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
