#include "lib/pack.h"

void
pack_add(struct str *out, uint64_t n, int octets)
{
	while (octets-- > 0)
		str_append_byte(out, (char)(n >> (8 * octets) & 0xff));
}

bool
pack_take(struct view *rest, int octets, uint64_t *out)
{
	struct view bytes;
	uint64_t n = 0;
	size_t i;

	if (!pack_take_octets(rest, (size_t)octets, &bytes))
		return false;
	for (i = 0; i < bytes.len; i++)
		n = n << 8 | (unsigned char)bytes.at[i];
	*out = n;
	return true;
}

bool
pack_take_octets(struct view *rest, size_t len, struct view *out)
{
	if (rest->len < len)
		return false;
	*out = view_first(*rest, len);
	*rest = view_from(*rest, len);
	return true;
}
