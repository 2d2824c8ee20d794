#include "lib/quote.h"

#include <string.h>

#include "lib/ascii.h"

static bool
is_plain(char c)
{
	return ascii_is_letter(c) || ascii_is_digit(c) ||
	    (c != '\0' && strchr("!#$%&'*+-/=?^_`{|}~.", c));
}

bool
quote_is_needed(struct view local)
{
	size_t i;

	if (local.len == 0 || local.at[0] == '.' || local.at[local.len - 1] == '.')
		return true;
	for (i = 0; i < local.len; i++)
		if (!is_plain(local.at[i]) ||
		    (local.at[i] == '.' && local.at[i - 1] == '.'))
			return true;
	return false;
}

static void
append_quoted(struct str *out, struct view local)
{
	size_t i;

	str_append_byte(out, '"');
	for (i = 0; i < local.len; i++) {
		char c = local.at[i];

		if (c == '\r' || c == '\n' || c == '"' || c == '\\')
			str_append_byte(out, '\\');
		str_append_byte(out, c);
	}
	str_append_byte(out, '"');
}

void
quote_address(struct str *out, struct view address)
{
	size_t at = view_rindex(address, '@');
	struct view local = view_first(address, at);

	if (address.len == 0)
		return;
	if (quote_is_needed(local))
		append_quoted(out, local);
	else
		str_append(out, local);
	str_append(out, view_from(address, at));
}
