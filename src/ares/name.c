#include "ares/name.h"

#include <idn2.h>

#include "lib/ascii.h"

/* Letters, digits and hyphens are what hosts have; "_" and "/" appear in other owners (RFC 2317,
 * 6698, 7489), so what cannot be misread is let through. */
static bool
is_ascii_name(struct view name)
{
	size_t i, label = 0;

	if (name.len == 0 || name.len > NAME_MAX_OCTETS)
		return false;
	for (i = 0; i < name.len; i++) {
		if (!ascii_is_graphic(name.at[i]) || name.at[i] == '\\')
			return false;
		label = name.at[i] == '.' ? 0 : label + 1;
		if (label > NAME_LABEL_MAX ||
		    (label == 0 && (i == 0 || name.at[i - 1] == '.')))
			return false;
	}
	return label > 0;
}

static bool
has_high_octet(struct view name)
{
	size_t i;

	for (i = 0; i < name.len; i++)
		if ((unsigned char)name.at[i] >= 0x80)
			return true;
	return false;
}

static bool
from_unicode(struct view name, struct str *out)
{
	struct str text = { 0 };
	uint8_t *ascii = NULL;
	bool good = false;

	str_set(&text, name);
	if (view_index(name, '\0') == name.len &&
	    idn2_lookup_u8((const uint8_t *)str_text(&text), &ascii,
		IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL) == IDN2_OK) {
		good = is_ascii_name(view_of((const char *)ascii));
		if (good)
			str_set(out, view_of((const char *)ascii));
		idn2_free(ascii);
	}
	str_free(&text);
	return good;
}

bool
name_to_ascii(struct view name, struct str *out)
{
	if (name.len > 0 && name.at[name.len - 1] == '.')
		name.len--;
	if (has_high_octet(name))
		return from_unicode(name, out);
	if (!is_ascii_name(name))
		return false;
	str_clear(out);
	str_append_lower(out, name);
	return true;
}
