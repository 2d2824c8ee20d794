#include "smtp/envelope.h"

bool
envelope_is_forbidden_host(struct view host)
{
	return view_has_control(host) || view_index(host, ' ') < host.len ||
	    view_index(host, '<') < host.len || view_index(host, '>') < host.len;
}

bool
envelope_is_forbidden(struct view address)
{
	size_t at = view_rindex(address, '@');
	struct view bare = at < address.len ? view_from(address, at + 1) : address;

	return view_has_control(address) || envelope_is_forbidden_host(bare);
}

struct view
envelope_wire_sender(struct view sender)
{
	return view_equal(sender, VIEW("#@[]")) ? VIEW("") : sender;
}
