#include "send/verp.h"

#include <stdbool.h>

/* What a sender ends with that asks for it, and how long that is. */
#define MARK_TEXT "-@[]"
enum { MARK = sizeof MARK_TEXT - 1 };

static bool
has_mark(struct view sender)
{
	return sender.len > MARK &&
	    view_equal(view_from(sender, sender.len - MARK), VIEW(MARK_TEXT));
}

struct view
verp_bounce_recipient(struct view sender)
{
	return has_mark(sender) ? view_first(sender, sender.len - MARK) : sender;
}

void
verp_sender(struct str *out, struct view sender, struct view recipient)
{
	struct view whole = verp_bounce_recipient(sender);
	size_t at = view_rindex(whole, '@'), cut = view_rindex(recipient, '@');

	if (!has_mark(sender) || at == whole.len || cut == recipient.len) {
		str_set(out, sender);
		return;
	}
	str_clear(out);
	str_append(out, view_first(whole, at));
	str_append(out, view_first(recipient, cut));
	str_append_byte(out, '=');
	str_append(out, view_from(recipient, cut + 1));
	str_append(out, view_from(whole, at));
}
