#include "lib/base64.h"

#include <stdint.h>

#include "lib/ascii.h"

static const char alphabet[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void
base64_encode(struct str *out, struct view bytes)
{
	size_t i;

	for (i = 0; i < bytes.len; i += 3) {
		size_t n = bytes.len - i < 3 ? bytes.len - i : 3, k;
		uint32_t group = 0;

		for (k = 0; k < 3; k++)
			group = group << 8 | (k < n ? (unsigned char)bytes.at[i + k] : 0);
		for (k = 0; k < 4; k++)
			str_append_byte(
			    out, k <= n ? alphabet[group >> (18 - 6 * k) & 63] : '=');
	}
}

static int
value_of(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (ascii_is_digit(c))
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

bool
base64_decode(struct str *out, struct view text)
{
	size_t start = out->len, i, pad = 0;
	uint32_t bits = 0;
	int have = 0;

	if (text.len % 4 != 0)
		return false;
	while (pad < 2 && text.len > 0 && text.at[text.len - 1] == '=') {
		text.len--;
		pad++;
	}
	for (i = 0; i < text.len; i++) {
		int value = value_of(text.at[i]);

		if (value < 0)
			break;
		bits = (bits << 6 | (uint32_t)value) & 0xffffff;
		have += 6;
		if (have >= 8) {
			have -= 8;
			str_append_byte(out, (char)(bits >> have & 0xff));
		}
	}
	if (i < text.len || (bits & ((1U << have) - 1)) != 0 || (size_t)have != 2 * pad) {
		str_cut(out, start);
		return false;
	}
	return true;
}
