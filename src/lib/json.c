#include "lib/json.h"

#include <stdbool.h>
#include <stdint.h>

#include "lib/fmt.h"

enum {
	FIRST_PLAIN = 0x20,
	SURROGATES = 0xD800,
	SURROGATES_END = 0xDFFF,
	LAST = 0x10FFFF
};

static bool
is_rest(unsigned char c)
{
	return (c & 0xC0) == 0x80;
}

/* How many octets the UTF-8 character at the start of `v` has; 0: it is none. */
static size_t
character(struct view v)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	unsigned char c = (unsigned char)v.at[0];
	size_t len = c < 0x80 ? 1 : c >= 0xF0 ? 4 : c >= 0xE0 ? 3 : 2, i;
	uint32_t code;

	if (len == 1)
		return 1;
	if (is_rest(c) || c > 0xF4 || v.len < len)
		return 0;
	code = c & (0x7FU >> len);
	for (i = 1; i < len; i++) {
		if (!is_rest((unsigned char)v.at[i]))
			return 0;
		code = code << 6 | ((unsigned char)v.at[i] & 0x3FU);
	}
	if (code < least[len] || code > LAST ||
	    (code >= SURROGATES && code <= SURROGATES_END))
		return 0;
	return len;
}

static void
escape(struct str *out, char c)
{
	switch (c) {
	case '"':
	case '\\':
		str_append_byte(out, '\\');
		str_append_byte(out, c);
		return;
	case '\n':
		str_append_text(out, "\\n");
		return;
	case '\t':
		str_append_text(out, "\\t");
		return;
	default:
		str_append_text(out, "\\u00");
		fmt_hex(out, (struct view) { &c, 1 });
	}
}

void
json_string(struct str *out, struct view text)
{
	str_append_byte(out, '"');
	while (text.len > 0) {
		unsigned char c = (unsigned char)text.at[0];
		size_t len = character(text);

		if (len == 0)
			str_append_text(out, "\\ufffd");
		else if (len == 1 &&
		    (c < FIRST_PLAIN || c == '"' || c == '\\' || c == 0x7F))
			escape(out, (char)c);
		else
			str_append(out, view_first(text, len));
		text = view_from(text, len > 0 ? len : 1);
	}
	str_append_byte(out, '"');
}

void
json_key(struct str *out, const char *key)
{
	char last = out->len > 0 ? out->at[out->len - 1] : '{';

	if (last != '{' && last != '[')
		str_append_byte(out, ',');
	json_string(out, view_of(key));
	str_append_byte(out, ':');
}
