#include "lib/fmt.h"

struct view
fmt_u64_into(char *buffer, uint64_t n)
{
	char *at = buffer + FMT_U64_MAX - 1;

	*at = '\0';
	do {
		*--at = (char)('0' + n % 10);
		n /= 10;
	} while (n > 0);
	return (struct view) { at, (size_t)(buffer + FMT_U64_MAX - 1 - at) };
}

void
fmt_u64(struct str *out, uint64_t n)
{
	char buffer[FMT_U64_MAX];

	str_append(out, fmt_u64_into(buffer, n));
}

void
fmt_u64_padded(struct str *out, uint64_t n, size_t width)
{
	char buffer[FMT_U64_MAX];
	struct view digits = fmt_u64_into(buffer, n);
	size_t i;

	for (i = digits.len; i < width; i++)
		str_append_byte(out, '0');
	str_append(out, digits);
}

void
fmt_hex(struct str *out, struct view bytes)
{
	static const char digits[] = "0123456789abcdef";
	size_t i;

	for (i = 0; i < bytes.len; i++) {
		str_append_byte(out, digits[(unsigned char)bytes.at[i] >> 4]);
		str_append_byte(out, digits[(unsigned char)bytes.at[i] & 15]);
	}
}
