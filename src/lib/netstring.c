#include "lib/netstring.h"

#include "lib/ascii.h"
#include "lib/fmt.h"

enum { DIGITS_MAX = 20 };

void
netstring_append(struct str *out, struct view octets)
{
	fmt_u64(out, octets.len);
	str_append_byte(out, ':');
	str_append(out, octets);
	str_append_byte(out, ',');
}

enum netstring_status
netstring_length_add(struct netstring_length *l, char c, uint64_t max)
{
	uint64_t digit = (uint64_t)(c - '0');

	if (c == ':')
		return NETSTRING_BEGINS;
	if (!ascii_is_digit(c) || ++l->digits > DIGITS_MAX)
		return NETSTRING_MALFORMED;
	if (digit > max || l->value > (max - digit) / 10)
		return NETSTRING_TOO_LONG;
	l->value = l->value * 10 + digit;
	return NETSTRING_MORE;
}
