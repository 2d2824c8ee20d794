#include "wire/tlsa.h"

#include "lib/pack.h"

enum { HEADER = 3, LENGTH = 2, SELECTOR_MAX = 1, SHA256_OCTETS = 32, SHA512_OCTETS = 64 };

bool
tlsa_parse(struct view octets, struct tlsa *out)
{
	if (octets.len < HEADER)
		return false;
	*out = (struct tlsa) {
		.usage = (uint8_t)octets.at[0],
		.selector = (uint8_t)octets.at[1],
		.matching = (uint8_t)octets.at[2],
		.data = view_from(octets, HEADER),
	};
	return true;
}

bool
tlsa_is_usable(const struct tlsa *record)
{
	if (record->usage != TLSA_TA && record->usage != TLSA_EE)
		return false;
	if (record->selector > SELECTOR_MAX)
		return false;
	switch (record->matching) {
	case TLSA_FULL:
		return record->data.len > 0;
	case TLSA_SHA256:
		return record->data.len == SHA256_OCTETS;
	case TLSA_SHA512:
		return record->data.len == SHA512_OCTETS;
	default:
		return false;
	}
}

bool
tlsa_add(struct str *list, struct view octets)
{
	if (octets.len > TLSA_LIST_MAX || list->len + LENGTH + octets.len > TLSA_LIST_MAX)
		return false;
	pack_add(list, octets.len, LENGTH);
	str_append(list, octets);
	return true;
}

bool
tlsa_next(struct view *rest, struct tlsa *out)
{
	struct view from = *rest, octets;
	uint64_t len;

	if (!pack_take(&from, LENGTH, &len) ||
	    !pack_take_octets(&from, (size_t)len, &octets) || !tlsa_parse(octets, out))
		return false;
	*rest = from;
	return true;
}
