/* An AUTH exchange, as the server sees it: the first octet chooses mechanism and dialect, the rest is lines of a client.  Whoever is given to a
 * checker has a name and a password, and what PLAIN makes of a line is what a look at the decoded octets says. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "auth/sasl_server.h"
#include "lib/base64.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* authzid NUL user NUL password; the first is empty or the user. */
static bool
splits_as_plain(struct view line, const struct sasl_server *s)
{
	struct str bytes = { 0 };
	struct view first, user, pass;
	bool same;

	same = base64_decode(&bytes, line) &&
	    view_cut(str_view(&bytes), '\0', &first, &pass) &&
	    view_cut(pass, '\0', &user, &pass) &&
	    (first.len == 0 || view_equal(first, user)) &&
	    view_equal(user, str_view(&s->user)) &&
	    view_equal(pass, str_view(&s->second));
	str_free(&bytes);
	return same;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct view rest = { (const char *)data, size }, line;
	struct sasl_nonce nonce = { .host = VIEW("mx.example.org") };
	struct sasl_server s;
	enum sasl_step step;
	uint8_t choice;

	if (size == 0)
		return 0;
	choice = data[0];
	rest = view_from(rest, 1);
	nonce.challenge_first = choice & 0x10;
	nonce.split_at_first = choice & 0x20;
	line = view_first(rest, view_index(rest, '\n'));
	step = sasl_server_start(&s,
	    (enum sasl_mechanism)((choice & 0x0f) % SASL_MECHANISMS), &nonce,
	    choice & 0x40 ? &line : NULL);
	while (step == SASL_ASK && rest.len > 0) {
		size_t end = view_index(rest, '\n');

		line = view_first(rest, end);
		step = sasl_server_line(&s, line);
		rest = view_from(rest, end + 1);
	}
	if (step == SASL_COMPLETE) {
		if (s.user.len == 0 || s.second.len == 0)
			abort();
		if (s.mechanism == SASL_PLAIN && !splits_as_plain(line, &s))
			abort();
	}
	sasl_server_end(&s);
	return 0;
}
