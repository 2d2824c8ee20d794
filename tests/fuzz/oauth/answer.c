/* An answer of a token server: what comes out of it can be sent, kept and logged. */
#include <stdint.h>
#include <stdlib.h>

#include "oauth/answer.h"
#include "wire/token.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct oauth_answer a = { 0 };
	size_t i;

	if (answer_parse(200, (struct view) { (const char *)data, size }, &a)) {
		if (!token_is_token(str_view(&a.token)) ||
		    (a.refreshtoken.len > 0 &&
			!token_is_token(str_view(&a.refreshtoken))) ||
		    a.lifetime > OAUTH_LIFETIME_MAX)
			abort();
	} else {
		for (i = 0; i < a.refusal.len; i++)
			if (a.refusal.at[i] < 0x20 || a.refusal.at[i] > 0x7e)
				abort();
		if (a.refusal.len == 0 || a.refusal.len > 2 * TOKEN_REASON_MAX + 2)
			abort();
	}
	answer_free(&a);
	return 0;
}
