#include "server/chkuserform.h"

#include "lib/ascii.h"

static bool
is_of(struct view text, const char *others)
{
	size_t i;

	for (i = 0; i < text.len; i++)
		if (!ascii_is_letter(text.at[i]) && !ascii_is_digit(text.at[i]) &&
		    view_index(view_of(others), text.at[i]) == view_of(others).len)
			return false;
	return true;
}

static bool
is_domain(struct view domain)
{
	const size_t shortest = 4; /* "k.st" */
	struct view label;

	if (domain.len < shortest || view_index(domain, '.') == domain.len)
		return false;
	while (view_cut(domain, '.', &label, &domain))
		if (label.len == 0 || label.at[0] == '-' ||
		    label.at[label.len - 1] == '-' || !is_of(label, "-"))
			return false;
	return domain.len > 0 && domain.at[0] != '-' &&
	    domain.at[domain.len - 1] != '-' && is_of(domain, "-");
}

bool
chkuserform_is_good(const struct address *address)
{
	return is_of(address->local, "$%?*^~&/\\#+_-.=") && is_domain(address->domain);
}
