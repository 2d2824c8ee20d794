/* What a hostile server asks in an AUTH exchange, a challenge a line: each mechanism ends, none writes before it
 * is asked, and nobody who does not know the password shows that he does.  The first octet chooses
 * the mechanism and the credential. */
#include "fuzz/fuzz.h"

#include "auth/sasl_client.h"

enum { TURNS_MAX = 8, TOKEN = 0x80, SENT_ALONG = 0x40 };

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct view rest = { (const char *)data, size }, challenge;
	uint8_t choice = fuzz_choice(&rest);
	struct credential credential = { 0 };
	struct sasl_setting setting = {
		.credential = &credential, .host = VIEW("relay.example"), .port = 587
	};
	struct sasl_client client;
	struct str out = { 0 };
	size_t turns = 0;

	credential_set(&credential, VIEW("user=name,"), VIEW("pencil"));
	credential.is_token = choice & TOKEN;
	sasl_start(&client, (enum sasl_mechanism)(choice % SASL_MECHANISMS), &setting);
	if (sasl_initial(&client, &out) && choice & SENT_ALONG)
		sasl_initial_sent(&client);
	while (rest.len > 0) {
		size_t before = out.len;
		bool goes_on;

		challenge = view_first(rest, view_index(rest, '\n'));
		rest = view_from(rest, challenge.len + 1);
		goes_on = sasl_respond(&client, challenge, &out);
		claim(goes_on || out.len == before);
		claim(!goes_on || ++turns <= TURNS_MAX);
		if (client.mechanism == SASL_SCRAM_SHA_256)
			claim(!sasl_is_satisfied(&client));
		if (!goes_on)
			break;
	}
	sasl_is_deceived(&client);
	sasl_end(&client);
	credential_wipe(&credential);
	str_free(&out);
	return 0;
}
