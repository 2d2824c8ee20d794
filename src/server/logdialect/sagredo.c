/* sagredo - a line for each recipient and each message, for qlogtools, and others for single events:
 *
 *   qlogenvelope: result=R code=C reason=X detail=D helo=H mailfrom=M rcptto=T ... qp= pid=
 *   qlogreceived: the same for a message, with all of its recipients
 *   qmail-smtpd[PID]: auth: auth-success|auth-failed type=T user=<U>
 *   qmail-smtpd[PID]: badhelo|badmailfrom|badrcptto: <X> at IP
 *   qmail-smtpd[PID]: rbl: ip=I query=Q result=R message='M'
 *   qmail-smtpd[PID]: GREETDELAY: Ns
 *   qmail-smtpd: MSG (REASON): FROM from IP to RCPT helo H */
#include <string.h>

#include "dns/ptr.h"
#include "server/logdialect/logdialect.h"
#include "server/logdialect/words.h"

enum {
	RECIPIENTS_MAX = 2048
}; /* octets of all that are named: a line fits into a pipe at once */

/* --- qlogenvelope, qlogreceived --------------------------------------------------------------------- */

static void
add_recipients(struct str *out, const struct logevent *e)
{
	const struct recipient *r = e->transaction->first;
	size_t start;

	str_append_text(out, " rcptto=");
	for (start = out->len; r && out->len - start < RECIPIENTS_MAX; r = r->next)
		words_add(out, r == e->transaction->first ? "" : ",", r->address);
	str_cut(out, start + RECIPIENTS_MAX);
}

static void
add_session(struct str *out, const struct logevent *e)
{
	words_add(out, " authuser=", e->user);
	words_add_lower(out, " authtype=", e->method);
	words_add_text(out, " encrypted=",
	    !e->has_tls              ? ""
		: e->is_implicit_tls ? "ssl"
				     : "tls");
	words_add_text(out, " sslverified=", e->is_verified ? "yes" : "no");
	words_add(out, " localip=", e->local_ip);
	words_add(out, " localport=", e->local_port);
	words_add(out, " remoteip=", e->log->ip);
	words_add(out, " remoteport=", e->remote_port);
	words_add(out, " remotehost=", e->remote_host);
	str_append_text(out, " qp=");
	if (e->qp)
		words_add_u64(out, "", e->qp);
	words_add_u64(out, " pid=", e->pid);
	str_append_byte(out, '\n');
}

static void
add_qlog(struct str *out, const struct logevent *e, const char *result, unsigned code,
    const char *reason, struct view detail)
{
	static const char *const locals[] = { "", "no", "yes" };
	bool is_message = e->place == LOGEVENT_AT_DATA;

	str_append_text(out, is_message ? "qlogreceived:" : "qlogenvelope:");
	words_add_text(out, " result=", result);
	words_add_u64(out, " code=", code);
	words_add_text(out, " reason=", reason);
	words_add(out, " detail=", detail);
	words_add(out, " helo=", e->helo);
	words_add(out, " mailfrom=", e->sender);
	if (is_message)
		add_recipients(out, e);
	else
		words_add(out, " rcptto=", e->recipient);
	words_add_text(out, " relay=", e->is_relay_client ? "yes" : "no");
	words_add_text(
	    out, " rcpthosts=", e->place == LOGEVENT_AT_RCPT ? locals[e->is_local] : "");
	str_append_text(out, " size=");
	if (is_message && e->octets)
		words_add_u64(out, "", e->octets);
	add_session(out, e);
}

/* --- accepted ----------------------------------------------------------------------------------------- */

static void
add_recipient(struct str *out, const struct logevent *e)
{
	if (e->known_by)
		add_qlog(out, e, "accepted", 250, "rcptto", view_of(e->known_by));
	else
		add_qlog(out, e, "accepted", 250,
		    e->is_relay_client ? "relayclient" : "rcpthosts", VIEW(""));
}

/* --- refused ------------------------------------------------------------------------------------------ */

/* What sagredo calls what our check refuses; no row: the check's own name. */
static const struct {
	const char *check, *reason, *detail;
} reasons[] = {
	{ "auth", "authrequired", NULL },
	{ "badhelo", "qregexbhelo", NULL },
	{ "badhelonorelay", "qregexbhelo", NULL },
	{ "badmailfrom", "qregexbmf", NULL },
	{ "badmailfromnorelay", "qregexbmf", NULL },
	{ "badmailto", "qregexbmt", NULL },
	{ "badrcptto", "qregexbmt", NULL },
	{ "badrcpttonorelay", "qregexbmt", NULL },
	{ "databytes", "databytes_limit_exceeded", NULL },
	{ "forceauthmailfrom", "authnotmailfrom", NULL },
	{ "greetdelay", "pregreet", NULL },
	{ "hops", "message_loop", NULL },
	{ "maxrcpt", "max_rcpt_exceeded", NULL },
	{ "maxrecipients", "max_rcpt_exceeded", NULL },
	{ "mfcheck", "chkusersender", "sendermxinvalid" },
	{ "rcpthosts", "not_in_rcpthosts", NULL },
	{ "rcptcheck", "rcptcheck", "nomailbox" },
	{ "realrcptto", "nomailbox", NULL },
	{ "realrcptto_cdb", "nomailbox", NULL },
	{ "recipients", "nomailbox", NULL },
	{ "rejectnullsenders", "nullsenderdenied", NULL },
	{ "rejectrelaytest", "dontrelay", NULL },
	{ "validrcptto_cdb", "validrcptto", NULL },
};

/* What it is called when chkuser does not like the sender. */
static struct view
sender_fault(unsigned code)
{
	switch (code) {
	case 530:
		return VIEW("mustauth");
	case 553:
		return VIEW("senderformat");
	case 451:
		return VIEW("sendermxdnstmpfail");
	default:
		return VIEW("sendermxinvalid");
	}
}

/* What depends on more than the check.  False if this one does not. */
static bool
add_special(struct str *out, const struct logevent *e, unsigned code)
{
	const struct ruling *why = e->why;
	bool is_permanent = code >= 500;

	if (words_is_check(e, "queue"))
		add_qlog(out, e, "rejected", code,
		    is_permanent ? "queuereject" : "queue_delay", why->reply.text);
	else if (words_is_check(e, "spf"))
		add_qlog(out, e, "rejected", code, "spf",
		    is_permanent ? view_of(e->result) : VIEW("lookupfailure"));
	else if (words_is_check(e, "dnsbl"))
		add_qlog(out, e, "rejected", code,
		    is_permanent ? "rblreject" : "rbldelay", e->host);
	else if (words_is_check(e, "mfcheck") && !is_permanent)
		add_qlog(out, e, "rejected", code, "chkusersender", sender_fault(code));
	else if (words_is_check(e, "chkuser") && e->place == LOGEVENT_AT_MAIL)
		add_qlog(out, e, "rejected", code, "chkusersender", sender_fault(code));
	else
		return false;
	return true;
}

static void
add_rejected(struct str *out, const struct logevent *e)
{
	unsigned code = e->why->reply.code;
	size_t i;

	if (add_special(out, e, code))
		return;
	for (i = 0; i < sizeof reasons / sizeof *reasons; i++)
		if (words_is_check(e, reasons[i].check)) {
			add_qlog(out, e, "rejected", code, reasons[i].reason,
			    reasons[i].detail ? view_of(reasons[i].detail) : e->rule);
			return;
		}
	add_qlog(out, e, "rejected", code, e->why->check, e->rule);
}

/* --- lines for single events -------------------------------------------------------------------------- */

static void
add_listed(struct str *out, const struct logevent *e, const char *list, struct view who)
{
	words_title(out, e);
	str_append_text(out, list);
	words_add(out, ": <", who);
	if (e->wants_rule)
		words_add(out, "> matches pattern: ", e->rule);
	else
		words_add(out, "> at ", e->log->ip);
	str_append_byte(out, '\n');
}

static void
add_rbl(struct str *out, const struct logevent *e, const char *result, struct view text)
{
	struct ip ip;

	words_title(out, e);
	words_add(out, "rbl: ip=", e->log->ip);
	str_append_text(out, " query=");
	if (ip_parse(e->log->ip, &ip))
		ptr_reverse(out, &ip, VIEW(""));
	words_add(out, "", e->host);
	words_add_text(out, " result=", result);
	words_add(out, " message='", text);
	str_append_text(out, "'\n");
}

/* What is empty is "(null)" there. */
static void
add_or_null(struct str *out, const char *text, struct view value)
{
	words_add(out, text, value.len ? value : VIEW("(null)"));
}

static void
add_note(struct str *out, const struct logevent *e, const char *note, struct view reason)
{
	str_append_text(out, "qmail-smtpd: ");
	str_append_text(out, note);
	if (reason.len) {
		words_add(out, " (", reason);
		str_append_byte(out, ')');
	}
	add_or_null(out, ": ", e->sender);
	words_add(out, " from ", e->log->ip);
	add_or_null(out, " to ", e->recipient);
	add_or_null(out, " helo ", e->helo);
	str_append_byte(out, '\n');
}

static void
add_refused(struct str *out, const struct logevent *e)
{
	const char *check = e->why->check;

	if (strncmp(check, "badhelo", strlen("badhelo")) == 0)
		add_listed(out, e, "badhelo", e->helo);
	else if (strncmp(check, "badmailfrom", strlen("badmailfrom")) == 0)
		add_listed(out, e, "badmailfrom", e->sender);
	else if (strncmp(check, "badrcptto", strlen("badrcptto")) == 0 ||
	    words_is_check(e, "badmailto"))
		add_listed(out, e, "badrcptto", e->recipient);
	else if (words_is_check(e, "dnsbl"))
		add_rbl(out, e, e->why->reply.code >= 500 ? "reject" : "delay",
		    e->why->reply.text);
	add_rejected(out, e);
	if (words_is_check(e, "databytes") && e->place == LOGEVENT_AT_DATA)
		add_note(out, e, "message too big", VIEW(""));
	else if (words_is_check(e, "databytes"))
		add_note(out, e, "exceeded datasize limit", VIEW(""));
}

static void
add_auth(struct str *out, const struct logevent *e)
{
	bool is_ok = strcmp(e->result, "ok") == 0;

	if (strcmp(e->result, "error") == 0) {
		add_qlog(out, e, "rejected", 454, "autherror", VIEW(""));
		return;
	}
	words_title(out, e);
	words_add_lower(out,
	    is_ok ? "auth: auth-success type=" : "auth: auth-failed type=", e->mechanism);
	words_add(out, " user=<", e->login);
	str_append_text(out, ">\n");
	if (strcmp(e->result, "failed") == 0)
		add_qlog(out, e, "rejected", 535, "authfailed", VIEW(""));
	else if (!is_ok)
		add_qlog(out, e, "rejected", 454, "authrefused", e->reason);
}

static void
add_end(struct str *out, const struct logevent *e)
{
	if (view_equal(e->reason, VIEW("timeout")))
		add_qlog(out, e, "rejected", 451, "alarmtimeout", VIEW(""));
	else if (view_equal(e->reason, VIEW("controls")))
		add_qlog(out, e, "rejected", 421, "cannot_read_controls", VIEW(""));
	else if (view_equal(e->reason, VIEW("bare-lf")))
		add_qlog(out, e, "rejected", 451, "bad_newlines", VIEW(""));
	else if (view_equal(e->reason, VIEW("eof")) ||
	    view_equal(e->reason, VIEW("read-error")))
		add_note(out, e, "read failed", e->reason);
}

void
logdialect_sagredo(const struct logevent *e, struct str *out)
{
	switch (e->kind) {
	case LOGEVENT_GREETING:
		words_title(out, e);
		words_add_u64(out, "GREETDELAY: ", e->seconds);
		str_append_text(out, "s\n");
		break;
	case LOGEVENT_TLS:
		if (strcmp(e->result, "ok") != 0)
			add_note(out, e, "SSL error", e->reason);
		break;
	case LOGEVENT_AUTH:
		add_auth(out, e);
		break;
	case LOGEVENT_RCPT:
		add_recipient(out, e);
		break;
	case LOGEVENT_ACCEPT:
		add_qlog(out, e, "accepted", 250, "queueaccept", VIEW(""));
		break;
	case LOGEVENT_REFUSE:
		add_refused(out, e);
		break;
	case LOGEVENT_DNSCHECK:
		if (strcmp(e->check, "dnsbl") == 0)
			add_rbl(out, e, e->result, e->reason);
		break;
	case LOGEVENT_END:
		add_end(out, e);
		break;
	default:
		break;
	}
}
