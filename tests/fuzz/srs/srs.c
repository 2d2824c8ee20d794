/* An address that a stranger sends a bounce to, or sends mail from: what SRS makes of a sender comes back
 * the same; and without the secret there is no address that means anything. */
#include "fuzz/fuzz.h"

#include "srs/srs.h"

static const int64_t NOW = (int64_t)20785 * 86400;

static void
round_trip(const struct srs *srs, struct view sender)
{
	struct str made = { 0 }, back = { 0 };
	struct view user = view_first(sender, view_rindex(sender, '@'));
	enum srs_result result = srs_forward(srs, sender, NOW, &made);

	claim(result == SRS_OK || result == SRS_MALFORMED || result == SRS_TOO_LONG);
	claim(result == SRS_OK ? srs_is_srs(str_view(&made)) : made.len == 0);
	claim(made.len <= SRS_ADDRESS_MAX);
	if (result != SRS_OK) {
		claim(result == SRS_TOO_LONG || srs_is_srs(user));
	} else if (srs_reverse(srs, str_view(&made), NOW, &back) == SRS_OK) {
		if (!srs_is_srs(user)) /* else who rewrote it before us is left out */
			claim(view_equal(str_view(&back), sender));
		else
			claim(srs_is_srs(str_view(&back)));
	} else {
		/* no user, or no host, or an '=' in that: nobody's address */
		claim(user.len == 0 || user.len + 1 >= sender.len ||
		    view_contains(view_from(sender, user.len), VIEW("=")) ||
		    srs_is_srs(user));
	}
	str_free(&made);
	str_free(&back);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct view secrets[] = { { "tops3cr3t", 9 }, { "older", 5 } };
	struct view input = { (const char *)data, size };
	uint8_t choice = fuzz_choice(&input);
	struct srs srs = { .domain = VIEW("srs.example.net"),
		.secrets = secrets,
		.secret_count = 1 + (choice & 1),
		.max_age = choice & 2 ? 21 : 1023,
		.hash_length = choice & 4 ? SRS_HASH_MAX : 4,
		.hash_min = 4,
		.separator = "=-+="[choice >> 6] };
	struct str out = { 0 };
	enum srs_result result = srs_reverse(&srs, input, NOW, &out);

	claim(result == SRS_OK || out.len == 0);
	claim(out.len <= input.len + 1);
	claim(*srs_text(result));
	if (view_index(input, '@') < input.len)
		round_trip(&srs, input);
	str_free(&out);
	return 0;
}
