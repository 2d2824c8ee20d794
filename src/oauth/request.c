#include "oauth/request.h"

#include "lib/ascii.h"
#include "lib/fmt.h"

/* application/x-www-form-urlencoded */
static void
append_encoded(struct str *out, struct view v)
{
	size_t i;

	for (i = 0; i < v.len; i++) {
		char c = v.at[i];

		if (ascii_is_letter(c) || ascii_is_digit(c) ||
		    view_index(VIEW("-._~"), c) < 4) {
			str_append_byte(out, c);
		} else {
			str_append_byte(out, '%');
			fmt_hex(out, (struct view) { &c, 1 });
		}
	}
}

/* A field; one without a value is left out. */
static void
append_field(struct str *out, const char *name, struct view value)
{
	if (value.len == 0)
		return;
	if (out->len > 0)
		str_append_byte(out, '&');
	str_append_text(out, name);
	str_append_byte(out, '=');
	append_encoded(out, value);
}

void
request_form(const struct oauth_settings *s, struct view refreshtoken, struct str *out)
{
	append_field(out, "grant_type", view_of(grant_name(s->grant)));
	append_field(out, "client_id", str_view(&s->clientid));
	append_field(out, "client_secret", str_view(&s->clientsecret));
	if (s->grant == GRANT_REFRESH_TOKEN)
		append_field(out, "refresh_token", refreshtoken);
	append_field(out, "scope", str_view(&s->scope));
}
