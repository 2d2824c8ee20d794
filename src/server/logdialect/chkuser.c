/* chkuser - a line for each sender and recipient:
 *
 *   CHKUSER BRIEF: from <SENDER:REMOTEINFO:IDENTIFY> remote <HELO:HOST:IP> rcpt <RCPT> : EXTENDED
 *
 * Messages and logins have none: "+chkuser" has our own lines for them. */
#include <stddef.h>
#include <string.h>

#include "server/logdialect/logdialect.h"
#include "server/logdialect/words.h"

static void
add(struct str *out, const struct logevent *e, const char *brief, const char *extended)
{
	str_append_text(out, "CHKUSER ");
	str_append_text(out, brief);
	words_add(out, ": from <", e->sender);
	words_add(out, ":", e->user.len ? e->user : e->remote_info);
	words_add(out, ":", e->identity);
	words_add(out, "> remote <", e->helo);
	words_add(out, ":", e->remote_host);
	words_add(out, ":", e->log->ip);
	words_add(out, "> rcpt <", e->recipient);
	str_append_text(out, "> : ");
	str_append_text(out, extended);
	str_append_byte(out, '\n');
}

static void
add_sender(struct str *out, const struct logevent *e)
{
	if (e->sender.len == 0)
		add(out, e, "accepted sender", "accepted null sender always");
	else if (view_equal(e->sender, VIEW("#@[]")))
		add(out, e, "accepted doublebounce", "accepted qmail doublebounce #@[]");
	else
		add(out, e, "accepted sender", "sender accepted");
}

static void
add_recipient(struct str *out, const struct logevent *e)
{
	if (e->known_by)
		add(out, e, "accepted rcpt", "found existing recipient");
	else if (e->is_relay_client && e->is_local != LOCAL_YES)
		add(out, e, "relaying rcpt", "client allowed to relay");
	else
		add(out, e, "accepted any rcpt",
		    "accepted any recipient for this domain");
}

/* What our own chkuser refuses has its extended words along. */
static const char *
brief_of(const struct logevent *e)
{
	static const struct {
		const char *extended, *brief;
	} rows[] = {
		{ "sender not authenticated/authorized", "must auth" },
		{ "rcpt ignored, session over intrusion threshold",
		    "rejected intrusion" },
		{ "client not allowed to relay", "rejected relaying" },
		{ "rcpt mailbox is overquota", "mbx overquota" },
		{ "no auth resource available", "no auth resource" },
	};
	size_t i;

	for (i = 0; i < sizeof rows / sizeof *rows; i++)
		if (strcmp(e->why->reason, rows[i].extended) == 0)
			return rows[i].brief;
	return e->place == LOGEVENT_AT_MAIL ? "rejected sender" : "rejected rcpt";
}

static void
add_refused_sender(struct str *out, const struct logevent *e)
{
	bool is_temporary = e->why->reply.code < 500;

	if (words_is_check(e, "auth"))
		add(out, e, "must auth", "sender not authenticated/authorized");
	else if (words_is_check(e, "syntax"))
		add(out, e, "rejected sender", "invalid sender address format");
	else if (words_is_check(e, "mfcheck"))
		add(out, e, "rejected sender",
		    is_temporary ? "temporary DNS problem" : "invalid sender MX domain");
	else
		add(out, e, "rejected sender", e->why->check);
}

static void
add_refused_recipient(struct str *out, const struct logevent *e)
{
	if (words_is_check(e, "rcpthosts"))
		add(out, e, "rejected relaying", "client not allowed to relay");
	else if (words_is_check(e, "syntax"))
		add(out, e, "rejected rcpt", "invalid rcpt address format");
	else if (words_is_check(e, "brtlimit") ||
	    (words_is_about_existence(e) && e->why->reply.code == 421))
		add(out, e, "intrusion threshold", "max number of allowed invalid rcpt");
	else if (words_is_check(e, "maxrcpt") || words_is_check(e, "maxrecipients"))
		add(out, e, "rejected rcpt", "max number of recipients");
	else if (!words_is_about_existence(e))
		add(out, e, "rejected rcpt", e->why->check);
	else if (e->why->reply.code >= 500)
		add(out, e, "rejected rcpt", "not existing recipient");
	else
		add(out, e, "no auth resource", "no auth resource available");
}

void
logdialect_chkuser(const struct logevent *e, struct str *out)
{
	switch (e->kind) {
	case LOGEVENT_SENDER:
		add_sender(out, e);
		break;
	case LOGEVENT_RCPT:
		add_recipient(out, e);
		break;
	case LOGEVENT_REFUSE:
		if (e->why->reason)
			add(out, e, brief_of(e), e->why->reason);
		else if (e->place == LOGEVENT_AT_MAIL)
			add_refused_sender(out, e);
		else if (e->place == LOGEVENT_AT_RCPT)
			add_refused_recipient(out, e);
		break;
	default:
		break;
	}
}
