/* sqmail - a line for each recipient and refusal, for qmail-mrtg:
 *
 *   qmail-smtpd: pid P Accept::X|Reject::X P:PROTO S:IP:HOST H:HELO F:FROM T:TO ['info'][ ?~ 'user'] */
#include <string.h>

#include "server/logdialect/logdialect.h"
#include "server/logdialect/words.h"

static void
add_protocol(struct str *out, const struct logevent *e, bool is_auth)
{
	str_append_text(out, " P:ESMTP");
	if (e->has_tls)
		str_append_byte(out, 'S');
	if (is_auth)
		str_append_byte(out, 'A');
}

/* Up to H:HELO. */
static void
add_start(struct str *out, const struct logevent *e, const char *what, struct view more)
{
	words_add_u64(out, "qmail-smtpd: pid ", e->pid);
	str_append_byte(out, ' ');
	words_add_lower(out, what, more);
	add_protocol(out, e, e->user.len > 0 || e->kind == LOGEVENT_AUTH);
	words_add(out, " S:", e->log->ip);
	words_add(out, ":", e->remote_host);
	words_add(out, " H:", e->helo);
}

static void
add_user(struct str *out, struct view user)
{
	words_add(out, " ?~ '", user);
	str_append_text(out, "'\n");
}

static void
add(struct str *out, const struct logevent *e, const char *what)
{
	add_start(out, e, what, VIEW(""));
	words_add(out, " F:", e->sender);
	words_add(out, " T:", e->recipient);
	str_append_byte(out, '\n');
}

static void
add_informed(
    struct str *out, const struct logevent *e, const char *what, struct view information)
{
	add(out, e, what);
	str_cut(out, out->len - 1);
	words_add(out, " '", information);
	str_append_text(out, "'\n");
}

static void
add_recipient(struct str *out, const struct logevent *e)
{
	bool is_listed = e->known_by && strcmp(e->known_by, "recipients") == 0;

	if (e->user.len) {
		add_start(out, e, "Accept::AUTH::", e->method);
		words_add(out, " F:", e->sender);
		words_add(out, " T:", e->recipient);
		add_user(out, e->user);
	} else if (e->is_relay_client) {
		add(out, e, "Accept::SNDR::Relay_Client");
	} else if (e->passed_spf) {
		add(out, e,
		    is_listed ? "Accept::SPF::Recipients_Cdb"
			      : "Accept::SPF::Rcpthosts_Rcptto");
	} else {
		add(out, e,
		    is_listed ? "Accept::RCPT::Recipients_Cdb"
			      : "Accept::RCPT::Rcpthosts_Rcptto");
	}
}

/* What our check is called there.  `information`: the rule follows; `alone`: there is no envelope. */
static const struct row {
	const char *check, *what;
	bool information, alone;
} rows[] = {
	{ "attachment", "Reject::DATA::MIME_Attach", true, false },
	{ "auth", "Reject::AUTH::missing", false, true },
	{ "badhelo", "Reject::SNDR::Bad_Helo", true, false },
	{ "badmailfrom", "Reject::ORIG::Bad_Mailfrom", true, false },
	{ "badrcptto", "Reject::RCPT::Bad_Rcptto", false, false },
	{ "databytes", "Reject::DATA::Invalid_Size", false, false },
	{ "forceauthmailfrom", "Reject::ORIG::Invalid_Mailfrom", false, false },
	{ "helodns", "Reject::SNDR::DNS_Helo", false, false },
	{ "localmfcheck", "Reject::ORIG::Invalid_Mailfrom", false, false },
	{ "mailfromrules", "Reject::ORIG::Invalid_Mailfrom", false, false },
	{ "maxrcpt", "Reject::RCPT::Toomany_Rcptto", false, false },
	{ "maxrecipients", "Reject::RCPT::Toomany_Rcptto", false, false },
	{ "mfcheck", "Reject::ORIG::DNS_MF", false, false },
	{ "mfdnscheck", "Reject::ORIG::DNS_MF", false, false },
	{ "rcpthosts", "Reject::SNDR::Invalid_Relay", false, false },
	{ "senders", "Reject::ORIG::Invalid_Mailfrom", false, false },
	{ "spam", "Reject::DATA::Spam_Message", true, false },
	{ "spf", "Reject::SPF::Fail", false, false },
	{ "tarpitcount", "Reject::RCPT::Toomany_Rcptto", false, false },
	{ "tls", "Reject::TLS::missing", false, true },
	{ "virus", "Reject::DATA::Virus_Infected", true, false },
};

/* Of the list that refused, its line; of content, what it is. */
static struct view
information_of(const struct logevent *e)
{
	return e->place == LOGEVENT_AT_DATA ? view_of(e->why->check) : e->rule;
}

static void
add_refused(struct str *out, const struct logevent *e)
{
	size_t i;

	for (i = 0; i < sizeof rows / sizeof *rows; i++) {
		if (!words_is_check(e, rows[i].check))
			continue;
		if (rows[i].alone) {
			add_start(out, e, rows[i].what, VIEW(""));
			str_append_byte(out, '\n');
		} else if (rows[i].information) {
			add_informed(out, e, rows[i].what, information_of(e));
		} else {
			add(out, e, rows[i].what);
		}
		return;
	}
	if (words_is_about_existence(e))
		add(out, e, "Reject::RCPT::Failed_Rcptto");
}

static void
add_failed_login(struct str *out, const struct logevent *e)
{
	if (strcmp(e->result, "failed") != 0 && strcmp(e->result, "refused") != 0)
		return;
	add_start(out, e, "Reject::AUTH::", e->mechanism);
	add_user(out, e->login);
}

void
logdialect_sqmail(const struct logevent *e, struct str *out)
{
	switch (e->kind) {
	case LOGEVENT_AUTH:
		add_failed_login(out, e);
		break;
	case LOGEVENT_RCPT:
		add_recipient(out, e);
		break;
	case LOGEVENT_REFUSE:
		add_refused(out, e);
		break;
	default:
		break;
	}
}
