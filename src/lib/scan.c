#include "lib/scan.h"

#include "lib/ascii.h"

size_t
scan_u64(struct view v, uint64_t *out)
{
	uint64_t value = 0;
	size_t i;

	for (i = 0; i < v.len && ascii_is_digit(v.at[i]); i++) {
		uint64_t digit = (uint64_t)(v.at[i] - '0');

		if (value == UINT64_MAX || value > (UINT64_MAX - digit) / 10)
			value = UINT64_MAX;
		else
			value = value * 10 + digit;
	}
	if (i > 0)
		*out = value;
	return i;
}

size_t
scan_u32(struct view v, uint32_t *out)
{
	uint64_t wide;
	size_t digits = scan_u64(v, &wide);

	if (digits > 0)
		*out = wide > UINT32_MAX ? UINT32_MAX : (uint32_t)wide;
	return digits;
}

bool
scan_whole_u64(struct view v, uint64_t *out)
{
	uint64_t value;

	if (v.len == 0 || scan_u64(v, &value) != v.len)
		return false;
	*out = value;
	return true;
}

int
scan_hex_digit(char c)
{
	if (ascii_is_digit(c))
		return c - '0';
	c = ascii_lower(c);
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return -1;
}
