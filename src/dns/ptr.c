#include "dns/ptr.h"

#include "lib/fmt.h"

static void
append_nibble(struct str *out, int nibble)
{
	str_append_byte(out, "0123456789abcdef"[nibble]);
	str_append_byte(out, '.');
}

void
ptr_reverse(struct str *out, const struct ip *ip, struct view zone)
{
	int i;

	for (i = ip->version == 4 ? 3 : 15; i >= 0; i--) {
		if (ip->version == 4) {
			fmt_u64(out, ip->bytes[i]);
			str_append_byte(out, '.');
		} else {
			append_nibble(out, ip->bytes[i] & 15);
			append_nibble(out, ip->bytes[i] >> 4);
		}
	}
	str_append(out, zone);
}
