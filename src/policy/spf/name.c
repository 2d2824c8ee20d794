#include "policy/spf/name.h"

struct view
spf_name_plain(struct view name)
{
	return name.len > 0 && name.at[name.len - 1] == '.'
	    ? view_first(name, name.len - 1)
	    : name;
}

bool
spf_name_is_valid(struct view name)
{
	struct view label, rest = spf_name_plain(name);
	int labels = 0;

	if (rest.len > SPF_NAME_MAX || view_has_control(rest) ||
	    view_starts(rest, VIEW("[")))
		return false;
	do {
		size_t end = view_index(rest, '.');

		label = view_first(rest, end);
		if (label.len == 0 || label.len > SPF_LABEL_MAX)
			return false;
		labels++;
		if (end == rest.len)
			return labels >= 2;
		rest = view_from(rest, end + 1);
	} while (true);
}

bool
spf_name_is_within(struct view name, struct view domain)
{
	name = spf_name_plain(name);
	domain = spf_name_plain(domain);
	if (!view_ends_nocase(name, domain))
		return false;
	return name.len == domain.len || name.at[name.len - domain.len - 1] == '.';
}

struct view
spf_name_fit(struct view name)
{
	name = spf_name_plain(name);
	while (name.len > SPF_NAME_MAX) {
		size_t dot = view_index(name, '.');

		if (dot == name.len)
			break;
		name = view_from(name, dot + 1);
	}
	return name;
}
