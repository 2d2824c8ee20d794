#include "smtp/envelope.h"

#include "lib/ascii.h"

static bool
has_control(struct view v)
{
	size_t i;

	for (i = 0; i < v.len; i++)
		if (ascii_is_control(v.at[i]))
			return true;
	return false;
}

bool
envelope_is_forbidden_host(struct view host)
{
	return has_control(host) || view_index(host, ' ') < host.len ||
	    view_index(host, '<') < host.len || view_index(host, '>') < host.len;
}

bool
envelope_is_forbidden(struct view address)
{
	size_t at = view_rindex(address, '@');
	struct view bare = at < address.len ? view_from(address, at + 1) : address;

	return has_control(address) || envelope_is_forbidden_host(bare);
}

struct view
envelope_wire_sender(struct view sender)
{
	return view_equal(sender, VIEW("#@[]")) ? VIEW("") : sender;
}
