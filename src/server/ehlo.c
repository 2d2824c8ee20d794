#include "server/ehlo.h"

#include <string.h>

#include "lib/fmt.h"
#include "server/authdialogue.h"
#include "server/bdat.h"
#include "server/starttls.h"

enum keyword {
	END,
	PIPELINING,
	EIGHTBITMIME,
	SIZE,
	STARTTLS,
	AUTH,
	AUTH_TWIN,
	HELP,
	CODES,
	CHUNKING
};

enum { KEYWORDS_MAX = 9 };

/* SMTPUTF8, DSN, ETRN and REQUIRETLS are left out in every dialect: the suite does not carry them
 * end to end. */
static const enum keyword orders[][KEYWORDS_MAX] = {
	[DIALECT_NOTQMAIL] = { STARTTLS, PIPELINING, EIGHTBITMIME, SIZE, AUTH, AUTH_TWIN,
	    CODES, CHUNKING },
	[DIALECT_SAGREDO] = { STARTTLS, PIPELINING, EIGHTBITMIME, AUTH, SIZE, CODES,
	    CHUNKING },
	[DIALECT_JMS1] = { AUTH, AUTH_TWIN, STARTTLS, SIZE, PIPELINING, EIGHTBITMIME,
	    CODES, CHUNKING },
	[DIALECT_SQMAIL] = { PIPELINING, EIGHTBITMIME, STARTTLS, AUTH, SIZE, CODES,
	    CHUNKING },
	[DIALECT_INDIMAIL] = { AUTH, AUTH_TWIN, PIPELINING, EIGHTBITMIME, SIZE, STARTTLS,
	    HELP, CODES, CHUNKING },
	[DIALECT_LDAP] = { STARTTLS, PIPELINING, EIGHTBITMIME, SIZE, AUTH, CODES,
	    CHUNKING },
};

static const enum keyword strict_order[KEYWORDS_MAX] = { PIPELINING, EIGHTBITMIME };

/* "AUTH=LOGIN PLAIN": what Outlook and Netscape once looked for. */
static void
append_twin(struct session *s, struct str *out)
{
	if (!s->settings->auth.twin)
		return;
	auth_append_keyword(s, out);
	if (out->len)
		out->at[strlen("AUTH")] = '=';
}

/* Append the keyword; nothing if this session does not offer it. */
static void
append_keyword(struct session *s, enum keyword keyword, struct str *out)
{
	switch (keyword) {
	case PIPELINING:
		str_append_text(out, "PIPELINING");
		break;
	case EIGHTBITMIME:
		str_append_text(out, "8BITMIME");
		break;
	case SIZE:
		str_append_text(out, "SIZE ");
		fmt_u64(out, s->settings->databytes);
		break;
	case STARTTLS:
		if (starttls_is_offered(s))
			str_append_text(out, "STARTTLS");
		break;
	case AUTH:
		auth_append_keyword(s, out);
		break;
	case AUTH_TWIN:
		append_twin(s, out);
		break;
	case HELP:
		str_append_text(out, "HELP");
		break;
	case CODES:
		if (s->settings->enhanced_codes)
			str_append_text(out, "ENHANCEDSTATUSCODES");
		break;
	case CHUNKING:
		if (bdat_is_offered(s))
			str_append_text(out, "CHUNKING");
		break;
	case END:
		break;
	}
}

/* Each line is made when the next is known: the last one has a space instead of '-'. */
void
ehlo_reply(struct session *s)
{
	const enum keyword *order =
	    s->settings->strict ? strict_order : orders[s->settings->dialect];
	struct str line = { 0 }, next = { 0 }, reply = { 0 };
	size_t i;

	str_set(&line, str_view(&s->settings->name));
	for (i = 0; i < KEYWORDS_MAX; i++) {
		str_clear(&next);
		append_keyword(s, order[i], &next);
		if (next.len == 0)
			continue;
		reply_format_more(
		    &reply, &(struct reply) { 250, str_view(&line), VIEW("") });
		str_set(&line, str_view(&next));
	}
	writer_put(&s->writer, str_view(&reply));
	session_reply_plain(s, &(struct reply) { 250, str_view(&line), VIEW("") });
	str_free(&reply);
	str_free(&line);
	str_free(&next);
}
