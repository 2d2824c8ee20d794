#include "policy/spf/header.h"

#include "lib/ascii.h"

enum { VALUE_MAX = 320 }; /* octets of an address or name that are shown */

static bool
is_usual(struct view text)
{
	const struct view others = VIEW("@.-_+=!#$%&'*/?^`{|}~");
	size_t i;

	for (i = 0; i < text.len; i++)
		if (!ascii_is_letter(text.at[i]) && !ascii_is_digit(text.at[i]) &&
		    view_index(others, text.at[i]) == others.len)
			return false;
	return text.len > 0;
}

/* Between quotes, or in a comment. */
static void
append_harmless(struct str *out, struct view text)
{
	size_t i;

	for (i = 0; i < text.len && i < VALUE_MAX; i++) {
		char c = text.at[i];

		if (c != ' ' && !ascii_is_graphic(c))
			c = '?';
		if (c == '"' || c == '\\' || c == '(' || c == ')')
			str_append_byte(out, '\\');
		str_append_byte(out, c);
	}
}

void
spf_header_value(struct str *out, struct view text)
{
	if (is_usual(text)) {
		str_append(out, view_first(text, VALUE_MAX));
		return;
	}
	str_append_byte(out, '"');
	append_harmless(out, text);
	str_append_byte(out, '"');
}

/* "WHO designates IP as permitted sender" and the like: before, between, behind. */
static const struct {
	const char *before, *between, *behind;
} phrases[] = {
	[SPF_NONE] = { "domain of ", " does not designate permitted senders", NULL },
	[SPF_NEUTRAL] = { "", " is neither permitted nor denied by domain of ", "" },
	[SPF_PASS] = { "domain of ", " designates ", " as permitted sender" },
	[SPF_FAIL] = { "domain of ", " does not designate ", " as permitted sender" },
	[SPF_SOFTFAIL] = { "transitioning domain of ", " does not designate ",
	    " as permitted sender" },
	[SPF_TEMPERROR] = { "error in processing during lookup of ", "", NULL },
	[SPF_PERMERROR] = { "domain of ", " has a record that is wrong", NULL },
};

static void
append_comment(struct str *out, const struct spf_verdict *v, const struct ip *ip)
{
	bool is_ip_first = v->result == SPF_NEUTRAL;

	if (v->is_local)
		str_append_text(out, "by local rules ");
	str_append_text(out, phrases[v->result].before);
	if (is_ip_first)
		ip_format(out, ip);
	else
		append_harmless(out, v->sender);
	str_append_text(out, phrases[v->result].between);
	if (!phrases[v->result].behind)
		return;
	if (is_ip_first)
		append_harmless(out, v->sender);
	else
		ip_format(out, ip);
	str_append_text(out, phrases[v->result].behind);
}

void
spf_header_format(struct str *out, const struct spf_verdict *v, const struct ip *ip,
    struct view receiver)
{
	str_append_text(out, "Received-SPF: ");
	str_append_text(out, spf_result_text(v->result));
	str_append_text(out, " (");
	append_harmless(out, receiver);
	str_append_text(out, ": ");
	append_comment(out, v, ip);
	str_append_text(out, ") client-ip=");
	ip_format(out, ip);
	str_append_text(out, v->is_helo ? "; helo=" : "; envelope-from=");
	spf_header_value(out, v->is_helo ? v->domain : v->sender);
	str_append_text(out, ";\n");
}

void
spf_header_result(struct str *out, const struct spf_verdict *v)
{
	str_append_text(out, "spf=");
	str_append_text(out, spf_result_text(v->result));
	str_append_text(out, v->is_helo ? " smtp.helo=" : " smtp.mailfrom=");
	spf_header_value(out, v->is_helo ? v->domain : v->sender);
}
