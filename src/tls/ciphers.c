#include "tls/ciphers.h"

#include <string.h>

static const char *const suites_known[] = {
	"TLS_AES_128_GCM_SHA256",
	"TLS_AES_256_GCM_SHA384",
	"TLS_CHACHA20_POLY1305_SHA256",
	"TLS_AES_128_CCM_SHA256",
	"TLS_AES_128_CCM_8_SHA256",
};

static bool
is_separator(char c)
{
	return c == ':' || c == ',' || c == ';' || c == ' ' || c == '\t';
}

static bool
is_known_suite(struct view name)
{
	size_t i;

	for (i = 0; i < sizeof suites_known / sizeof *suites_known; i++)
		if (view_equal(name, view_of(suites_known[i])))
			return true;
	return false;
}

/* Names of TLS 1.3 begin with TLS_; so do the standard's names for older suites, which have
 * WITH in them.  An operator in front ("!TLS_...") has no meaning for TLS 1.3. */
static bool
is_suite_name(struct view name)
{
	size_t i;

	if (name.len > 0 && memchr("!+-", name.at[0], 3))
		name = view_from(name, 1);
	if (!view_starts(name, VIEW("TLS_")))
		return false;
	for (i = 0; i < name.len; i++)
		if (view_starts(view_from(name, i), VIEW("_WITH_")))
			return false;
	return true;
}

static void
join(struct str *out, struct view name)
{
	if (out->len > 0)
		str_append_byte(out, ':');
	str_append(out, name);
}

void
ciphers_split(struct view list, struct str *names, struct str *suites)
{
	while (list.len > 0) {
		struct view name;
		size_t end = 0;

		while (end < list.len && !is_separator(list.at[end]))
			end++;
		name = view_first(list, end);
		list = view_from(list, end + 1);
		if (name.len == 0)
			continue;
		if (!is_suite_name(name))
			join(names, name);
		else if (is_known_suite(name))
			join(suites, name);
	}
}

int
ciphers_use(SSL *ssl, struct view list)
{
	struct str names = { 0 }, suites = { 0 };
	int result = 0;

	ciphers_split(list, &names, &suites);
	if (suites.len > 0 && SSL_set_ciphersuites(ssl, str_text(&suites)) != 1)
		result = -1;
	if (names.len > 0 && SSL_set_cipher_list(ssl, str_text(&names)) != 1)
		result = -1;
	str_free(&names);
	str_free(&suites);
	return result;
}
