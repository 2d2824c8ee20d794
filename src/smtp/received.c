#include "smtp/received.h"

#include "lib/ascii.h"
#include "lib/date.h"

static bool
is_safe(char c)
{
	struct view safe = VIEW(".@%+/=:-[]");

	return ascii_is_letter(c) || ascii_is_digit(c) || view_index(safe, c) < safe.len;
}

static void
append_safe(struct str *out, struct view v)
{
	size_t i;

	for (i = 0; i < v.len; i++)
		str_append_byte(out, is_safe(v.at[i]) ? v.at[i] : '?');
}

static void
append_tls(struct str *out, const struct received *r)
{
	if (r->tls.len == 0)
		return;
	str_append_text(out, " (");
	str_append(out, r->tls);
	if (r->cipher.len) {
		str_append_byte(out, ' ');
		str_append(out, r->cipher);
	}
	str_append_byte(out, ')');
}

void
received_format(struct str *out, const struct received *r)
{
	str_append_text(out, "Received: from ");
	append_safe(out, r->host);
	if (!view_equal_nocase(r->helo, r->host)) {
		str_append_text(out, " (HELO ");
		append_safe(out, r->helo);
		str_append_byte(out, ')');
	}
	str_append_text(out, " (");
	if (r->has_info) {
		append_safe(out, r->info);
		str_append_byte(out, '@');
	}
	append_safe(out, r->ip);
	str_append_text(out, ")\n  by ");
	append_safe(out, r->by);
	str_append_text(out, " with ");
	str_append_text(out, r->protocol);
	append_tls(out, r);
	str_append_text(out, "; ");
	date_format(out, r->now);
	str_append_byte(out, '\n');
}
