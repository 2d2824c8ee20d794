#include "smtp/reply.h"

#include "lib/ascii.h"
#include "lib/fmt.h"

static const struct {
	unsigned code;
	const char *status, *text;
} replies[] = {
#define ROW(name, code, status, text) { code, status, text },
	REPLIES(ROW)
#undef ROW
};

void
reply_set(struct reply *r, unsigned code, const char *status, const char *text)
{
	*r = (struct reply) { code, view_of(text), view_of(status) };
}

struct reply
reply_named(enum reply_name name)
{
	struct reply r;

	reply_set(&r, replies[name].code, replies[name].status, replies[name].text);
	return r;
}

static void
append_clean(struct str *out, struct view text)
{
	size_t i, start = 0;

	for (i = 0; i < text.len; i++) {
		if (!ascii_is_control(text.at[i]) || text.at[i] == '\t')
			continue;
		str_append(out, view_from(view_first(text, i), start));
		start = i + 1;
	}
	str_append(out, view_from(text, start));
}

static void
format(struct str *out, const struct reply *r, char mark)
{
	fmt_u64(out, r->code);
	str_append_byte(out, mark);
	append_clean(out, r->text);
	if (r->status.len) {
		str_append_text(out, " (#");
		str_append(out, r->status);
		str_append_byte(out, ')');
	}
	str_append_text(out, "\r\n");
}

void
reply_format(struct str *out, const struct reply *r)
{
	format(out, r, ' ');
}

void
reply_format_more(struct str *out, const struct reply *r)
{
	format(out, r, '-');
}

/* "5.7.1", and a blank or nothing behind it. */
static bool
begins_with_status(struct view text, char class)
{
	size_t i = 0, part, digits;

	if (text.len == 0 || *text.at != class)
		return false;
	for (part = 0; part < 3; part++) {
		if (part > 0 && (i == text.len || text.at[i++] != '.'))
			return false;
		for (digits = 0; i < text.len && ascii_is_digit(text.at[i]); i++)
			digits++;
		if (digits == 0 || digits > 3)
			return false;
	}
	return i == text.len || text.at[i] == ' ';
}

enum {
	AUTH_SUCCEEDED = 235
}; /* always 2.7.0 (RFC 4954 6), whatever qmail shows at its end */

void
reply_enhance(struct reply *r, struct str *text)
{
	char class = (char)('0' + r->code / 100);
	struct view status = r->code == AUTH_SUCCEEDED ? VIEW("2.7.0") : r->status;

	if (class == '3' || begins_with_status(r->text, class))
		return;
	str_clear(text);
	str_append_byte(text, class);
	if (begins_with_status(status, status.len ? *status.at : class))
		str_append(text, view_from(status, 1));
	else
		str_append_text(text, ".0.0");
	str_append_byte(text, ' ');
	str_append(text, r->text);
	r->text = str_view(text);
}
