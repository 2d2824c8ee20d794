#include "lib/ipnet.h"

#include <string.h>

#include "lib/scan.h"

unsigned
ipnet_width(const struct ip *ip)
{
	return ip->version == 4 ? 32 : 128;
}

static bool
bit(const struct ip *ip, unsigned n)
{
	return ip->bytes[n / 8] >> (7 - n % 8) & 1;
}

static bool
parse_dotted_mask(struct view text, unsigned *out)
{
	unsigned bits = 0, i;
	struct ip mask;

	if (!ip_parse(text, &mask) || mask.version != 4)
		return false;
	while (bits < 32 && bit(&mask, bits))
		bits++;
	for (i = bits; i < 32; i++)
		if (bit(&mask, i))
			return false;
	*out = bits;
	return true;
}

bool
ipnet_parse(struct view text, struct ipnet *out)
{
	struct view address = text, mask = VIEW("");
	bool has_mask = view_cut(text, '/', &address, &mask);
	struct ipnet net;
	uint64_t number;

	if (!ip_parse(address, &net.ip))
		return false;
	net.bits = ipnet_width(&net.ip);
	if (has_mask && scan_whole_u64(mask, &number)) {
		if (number > net.bits)
			return false;
		net.bits = (unsigned)number;
	} else if (has_mask &&
	    (net.ip.version != 4 || !parse_dotted_mask(mask, &net.bits))) {
		return false;
	}
	*out = net;
	return true;
}

bool
ipnet_has(const struct ipnet *net, const struct ip *ip)
{
	unsigned whole = net->bits / 8, rest = net->bits % 8;

	if (ip->version != net->ip.version ||
	    memcmp(ip->bytes, net->ip.bytes, whole) != 0)
		return false;
	return rest == 0 || (ip->bytes[whole] ^ net->ip.bytes[whole]) >> (8 - rest) == 0;
}
