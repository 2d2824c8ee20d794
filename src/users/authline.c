#include "users/authline.h"

#include "lib/ascii.h"

/* Blanks and control octets would look like something else in a log or a list. */
static bool
is_printable(struct view v)
{
	size_t i;

	for (i = 0; i < v.len; i++)
		if (ascii_is_control(v.at[i]) || ascii_is_blank(v.at[i]))
			return false;
	return true;
}

const char *
authline_name_problem(struct view name)
{
	if (name.len == 0)
		return "the name is empty";
	if (name.len > AUTHLINE_NAME_MAX)
		return "the name is too long";
	if (name.at[0] == '#')
		return "the name starts with #";
	if (!is_printable(name) || view_index(name, ':') < name.len)
		return "the name has a colon, a blank or a control octet";
	return NULL;
}

const char *
authline_sender_problem(struct view sender)
{
	size_t at = view_rindex(sender, '@');

	if (view_equal(sender, VIEW("<>")))
		return NULL;
	if (!is_printable(sender) || view_index(sender, ',') < sender.len ||
	    view_index(sender, '<') < sender.len || at + 1 >= sender.len)
		return "a sender is not user@host, @host or <>";
	return NULL;
}

static const char *
senders_problem(struct view list)
{
	struct view one, rest = list;

	if (list.len > AUTHLINE_SENDERS_MAX)
		return "the list of senders is too long";
	while (view_cut(rest, ',', &one, &rest))
		if (authline_sender_problem(one))
			return authline_sender_problem(one);
	return authline_sender_problem(rest);
}

static const char *
hash_problem(struct view hash)
{
	size_t i;

	if (hash.len == 0)
		return "the hash is empty";
	if (hash.len > AUTHLINE_HASH_MAX)
		return "the hash is too long";
	for (i = 0; i < hash.len; i++)
		if (!ascii_is_graphic(hash.at[i]))
			return "the hash has a blank or an octet that is not ASCII";
	return NULL;
}

enum authline_kind
authline_parse(struct view line, struct authline *out, const char **why)
{
	struct authline parts = { .senders = VIEW("") };
	bool has_senders;

	line = view_trim_right(line);
	if (line.len == 0 || line.at[0] == '#')
		return AUTHLINE_EMPTY;
	if (!view_cut(line, ':', &parts.name, &parts.hash)) {
		*why = "there is no colon";
		return AUTHLINE_MALFORMED;
	}
	has_senders = view_cut(parts.hash, ':', &parts.hash, &parts.senders);
	*why = authline_name_problem(parts.name);
	if (!*why)
		*why = hash_problem(parts.hash);
	if (!*why && has_senders)
		*why = senders_problem(parts.senders);
	if (*why)
		return AUTHLINE_MALFORMED;
	*out = parts;
	return AUTHLINE_ENTRY;
}

void
authline_append_key(struct str *out, struct view name)
{
	size_t at = view_rindex(name, '@');

	str_append(out, view_first(name, at));
	str_append_lower(out, view_from(name, at));
}

bool
authline_is_same_name(struct view a, struct view b)
{
	size_t at = view_rindex(a, '@');

	return at == view_rindex(b, '@') &&
	    view_equal(view_first(a, at), view_first(b, at)) &&
	    view_equal_nocase(view_from(a, at), view_from(b, at));
}

bool
authline_is_locked(struct view hash)
{
	return hash.len > 0 && (hash.at[0] == '!' || hash.at[0] == '*');
}
