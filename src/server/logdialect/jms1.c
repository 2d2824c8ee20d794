/* jms1 - lines for single events, "qmail-smtpd[PID]: ...":
 *
 *   AUTH successful|failed [IP] USER
 *   validrcptto [IP] not found: ADDR
 *   validrcptto [IP] excessive violations, hanging up
 *   MAXRCPT fail [IP], DATABYTES exceeded [IP], MFCHECK fail|pass [IP] DOMAIN
 *   badhelo|badmailfrom|badrcptto: <X> at IP, with LOGREGEX: matches pattern: RE
 *   MAIL FROM:<...> and RCPT TO:<...>, with QMAILSMTPD_LOG_MAIL and QMAILSMTPD_LOG_RCPT */
#include <string.h>

#include "server/logdialect/logdialect.h"
#include "server/logdialect/words.h"

/* "qmail-smtpd[PID]: WHAT [IP]TEXT VALUE" */
static void
add(struct str *out, const struct logevent *e, const char *what, const char *text,
    struct view value)
{
	words_title(out, e);
	str_append_text(out, what);
	words_add(out, " [", e->log->ip);
	str_append_byte(out, ']');
	words_add(out, text, value);
	str_append_byte(out, '\n');
}

static void
add_address(
    struct str *out, const struct logevent *e, const char *what, struct view value)
{
	words_title(out, e);
	words_add(out, what, value);
	str_append_text(out, ">\n");
}

static void
add_listed(struct str *out, const struct logevent *e, const char *list, struct view who)
{
	words_title(out, e);
	str_append_text(out, list);
	words_add(out, ": <", who);
	words_add(out, "> at ", e->log->ip);
	if (e->wants_rule)
		words_add(out, " matches pattern: ", e->rule);
	str_append_byte(out, '\n');
}

static struct view
domain_of(struct view address)
{
	size_t at = view_rindex(address, '@');

	return at == address.len ? address : view_from(address, at + 1);
}

static void
add_unknown_recipient(struct str *out, const struct logevent *e)
{
	if (e->why->reply.code == 421)
		add(out, e, "validrcptto", " excessive violations, hanging up", VIEW(""));
	else
		add(out, e, "validrcptto", " not found: ", e->recipient);
}

static void
add_refused(struct str *out, const struct logevent *e)
{
	if (e->wants_rcpt && e->place == LOGEVENT_AT_RCPT && !words_is_check(e, "syntax"))
		add_address(out, e, "RCPT TO:<", e->recipient);
	if (words_is_check(e, "badhelo"))
		add_listed(out, e, "badhelo", e->helo);
	else if (words_is_check(e, "badmailfrom") ||
	    words_is_check(e, "badmailfromnorelay"))
		add_listed(out, e, "badmailfrom", e->sender);
	else if (words_is_check(e, "badrcptto") ||
	    words_is_check(e, "badrcpttonorelay") || words_is_check(e, "badmailto"))
		add_listed(out, e, "badrcptto", e->recipient);
	else if (words_is_check(e, "validrcptto_cdb"))
		add_unknown_recipient(out, e);
	else if (words_is_check(e, "maxrcpt"))
		add(out, e, "MAXRCPT fail", "", VIEW(""));
	else if (words_is_check(e, "databytes"))
		add(out, e, "DATABYTES exceeded", "", VIEW(""));
	else if (words_is_check(e, "mfcheck"))
		add(out, e, "MFCHECK fail", " ", domain_of(e->sender));
}

void
logdialect_jms1(const struct logevent *e, struct str *out)
{
	switch (e->kind) {
	case LOGEVENT_AUTH:
		if (strcmp(e->result, "error") != 0)
			add(out, e,
			    strcmp(e->result, "ok") == 0 ? "AUTH successful"
							 : "AUTH failed",
			    " ", e->login);
		break;
	case LOGEVENT_SENDER:
		if (e->wants_mail)
			add_address(out, e, "MAIL FROM:<", e->sender);
		break;
	case LOGEVENT_RCPT:
		if (e->wants_rcpt)
			add_address(out, e, "RCPT TO:<", e->recipient);
		break;
	case LOGEVENT_REFUSE:
		add_refused(out, e);
		break;
	case LOGEVENT_DNSCHECK:
		if (strcmp(e->check, "mfcheck") == 0)
			add(out, e, "MFCHECK pass", " ", e->host);
		break;
	default:
		break;
	}
}
