#include "server/ehlo.h"

#include <stdbool.h>
#include <string.h>

#include "lib/fmt.h"
#include "server/authoffer.h"
#include "server/bdat.h"
#include "server/sessionreply.h"
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
	CHUNKING,
	LIMITS
};

enum {
	KEYWORDS_MAX = 10,
	LIMIT_MAX = 999999, /* six digits (RFC 9422) */
};

/* SMTPUTF8, DSN, ETRN and REQUIRETLS are left out in every dialect: the suite does not carry them
 * end to end.  LIMITS is ours alone: maxrcpt and its kin are files that the others have too, and
 * their EHLO says nothing of it. */
static const enum keyword orders[][KEYWORDS_MAX] = {
	[DIALECT_NOTQMAIL] = { STARTTLS, PIPELINING, EIGHTBITMIME, SIZE, AUTH, AUTH_TWIN,
	    CODES, CHUNKING, LIMITS },
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

/* What LIMITS says (RFC 9422); 0: nothing. */
struct limits_offer {
	uint64_t recipients, messages;
};

static enum answer
read_limits(struct session *s, struct limits_offer *out, struct problem *problem)
{
	struct settings *settings = s->settings;

	if (policy_most_recipients(&settings->policy, &out->recipients, problem) ==
	    ANSWER_ERROR)
		return ANSWER_ERROR;
	if (out->recipients > settings->limits.recipients)
		out->recipients = settings->limits.recipients;
	return sessioncap_messages(s, &out->messages, problem);
}

/* "AUTH=LOGIN PLAIN": what Outlook and Netscape once looked for. */
static void
append_twin(struct session *s, struct str *out)
{
	if (!s->settings->auth.twin)
		return;
	authoffer_append_keyword(s, out);
	if (out->len)
		out->at[strlen("AUTH")] = '=';
}

static void
append_limit(struct str *out, const char *name, uint64_t most)
{
	if (most == 0 || most > LIMIT_MAX)
		return;
	str_append_text(out, out->len ? " " : "LIMITS ");
	str_append_text(out, name);
	fmt_u64(out, most);
}

/* Only what the admin has set: that we have limits of our own nobody needs to plan for. */
static void
append_limits(const struct limits_offer *limits, struct str *out)
{
	append_limit(out, "RCPTMAX=", limits->recipients);
	append_limit(out, "MAILMAX=", limits->messages);
}

/* Append the keyword; nothing if this session does not offer it. */
static void
append_keyword(struct session *s, enum keyword keyword, const struct limits_offer *limits,
    struct str *out)
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
		authoffer_append_keyword(s, out);
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
	case LIMITS:
		append_limits(limits, out);
		break;
	case END:
		break;
	}
}

static bool
has_keyword(const enum keyword *order, enum keyword keyword)
{
	size_t i;

	for (i = 0; i < KEYWORDS_MAX; i++)
		if (order[i] == keyword)
			return true;
	return false;
}

/* Each line is made when the next is known: the last one has a space instead of '-'. */
void
ehlo_reply(struct session *s)
{
	const enum keyword *order =
	    s->settings->strict ? strict_order : orders[s->settings->dialect];
	struct str line = { 0 }, next = { 0 }, reply = { 0 };
	struct limits_offer limits = { 0 };
	struct problem problem;
	size_t i;

	if (has_keyword(order, LIMITS) &&
	    read_limits(s, &limits, &problem) == ANSWER_ERROR) {
		session_no_controls(s, &problem);
		return;
	}
	str_set(&line, str_view(&s->settings->name));
	for (i = 0; i < KEYWORDS_MAX; i++) {
		str_clear(&next);
		append_keyword(s, order[i], &limits, &next);
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
