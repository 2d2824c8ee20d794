#include "policy/greyrules.h"

#include "lib/ascii.h"
#include "lib/ipnet.h"
#include "wire/state.h"

enum { PREFIX_DOTS = 3 };

/* --- lines ---------------------------------------------------------------------------------------- */

/* "192.0." is 192.0.0.0/16. */
static bool
parse_prefix(struct view text, struct ipnet *out)
{
	struct str whole = { 0 };
	unsigned dots = 0;
	bool is_good;
	size_t i;

	for (i = 0; i < text.len; i++)
		dots += text.at[i] == '.';
	if (dots == 0 || dots > PREFIX_DOTS || text.at[text.len - 1] != '.')
		return false;
	str_append(&whole, text);
	for (i = dots; i < PREFIX_DOTS; i++)
		str_append_text(&whole, "0.");
	str_append_byte(&whole, '0');
	is_good = ipnet_parse(str_view(&whole), out);
	out->bits = is_good ? dots * 8 : out->bits;
	str_free(&whole);
	return is_good;
}

static bool
parse_net(struct view line, struct ipnet *out)
{
	return ipnet_parse(line, out) || parse_prefix(line, out);
}

bool
greyrules_is_line(struct view line)
{
	size_t at = view_rindex(line, '@');
	struct ipnet net = { 0 };

	return at < line.len ? at + 1 < line.len : parse_net(line, &net);
}

bool
greyrules_line_has(struct view line, const struct ip *ip, const struct address *sender)
{
	struct ipnet net = { 0 };

	if (view_index(line, '@') == line.len)
		return parse_net(line, &net) && ipnet_has(&net, ip);
	if (!greyrules_is_line(line))
		return false;
	if (*line.at == '@')
		return sender->has_at &&
		    view_equal_nocase(view_from(line, 1), sender->domain);
	return view_equal_nocase(line, sender->whole);
}

/* --- keys ----------------------------------------------------------------------------------------- */

static void
append_folded(struct str *out, const struct address *sender)
{
	struct view local = sender->local;
	size_t i;

	for (i = 0; i < local.len; i++) {
		if (!ascii_is_digit(local.at[i]))
			str_append_byte(out, ascii_lower(local.at[i]));
		else if (i == 0 || !ascii_is_digit(local.at[i - 1]))
			str_append_byte(out, '#');
	}
	str_append_byte(out, '@');
	str_append_lower(out, sender->domain);
}

void
greyrules_key(struct str *key, struct view subject, const struct address *sender,
    struct view recipient)
{
	struct str folded = { 0 };

	state_key_add(key, subject);
	append_folded(&folded, sender);
	state_key_add(key, str_view(&folded));
	str_clear(&folded);
	str_append_lower(&folded, recipient);
	state_key_add(key, str_view(&folded));
	str_free(&folded);
}
