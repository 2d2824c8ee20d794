#include "server/stages.h"

#include "server/blackhole.h"
#include "server/chkuser.h"
#include "server/delay.h"
#include "server/relaymailfrom.h"
#include "server/rulings.h"
#include "server/sessionreply.h"

/* Whom a plugin's O spares a recipient or sender: the checks, not the limits, plugins and policy. */
enum stage_kind { ALWAYS, BUILT_IN };

/* One thing that MAIL or RCPT must get past. */
struct stage {
	bool (*accepts)(struct session *s); /* true, or false and it was answered */
	enum stage_kind kind;
	bool is_of_smtp;       /* about HELO, or a plugin, which knows commands only */
	unsigned only, except; /* dialects in which it stands here, or does not; 0: all */
};

static bool
passes(struct session *s, const struct stage stages[], size_t count)
{
	unsigned dialect = 1u << s->settings->dialect;
	size_t i;

	s->spp.said_okay = false;
	for (i = 0; i < count; i++)
		if (!(stages[i].kind == BUILT_IN && s->spp.said_okay) &&
		    !(stages[i].is_of_smtp && s->protocol != SESSION_SMTP) &&
		    !(stages[i].except & dialect) &&
		    (!stages[i].only || (stages[i].only & dialect)) &&
		    !stages[i].accepts(s))
			return false;
	return true;
}

static bool
accepts_size(struct session *s)
{
	struct ruling why = { .reply = reply_named(REPLY_TOO_LARGE),
		.check = "databytes" };

	if (!s->transaction.is_too_large)
		return true;
	session_add_word(s, &why, "REPLY_MAXSIZE");
	session_refuse_with(s, &why);
	return false;
}

/* Behind what the command alone tells, in this order: who has sent too much is asked nothing else; what
 * asks others. */
static const struct stage mail_stages[] = {
	{ sessioncap_accepts_mail, .kind = ALWAYS },
	{ rates_accepts_mail, .kind = ALWAYS },
	{ spp_accepts_mail, .kind = ALWAYS, .is_of_smtp = true },
	{ chkuser_accepts_mail, .kind = BUILT_IN },
	{ mfcheck_accepts_mail, .kind = BUILT_IN },
	{ spf_accepts_mail, .kind = BUILT_IN },
	{ relaymailfrom_accepts_mail, .kind = ALWAYS },
	{ blackhole_accepts_mail, .kind = ALWAYS },
};

bool
stages_accept_mail(struct session *s)
{
	return passes(s, mail_stages, sizeof mail_stages / sizeof *mail_stages);
}

/* The order that each dialect has had (inbound 5.15): where it has none, cheap before DNS before what
 * others remember, then those who want to see what all else lets pass.  Nobody learns who exists in a
 * domain that is not ours: rcpthosts comes first. */
enum { SAGREDO = 1u << DIALECT_SAGREDO, SQMAIL = 1u << DIALECT_SQMAIL };

static const struct stage rcpt_stages[] = {
	{ spp_accepts_rcpt, .kind = ALWAYS, .is_of_smtp = true, .except = SAGREDO },
	{ rulings_accept_helo, .kind = BUILT_IN, .is_of_smtp = true },
	{ helodns_accepts_rcpt, .kind = BUILT_IN, .is_of_smtp = true },
	{ mfcheck_accepts_rcpt, .kind = BUILT_IN },
	{ rulings_accept_sender, .kind = BUILT_IN, .except = SQMAIL },
	{ spp_accepts_rcpt, .kind = ALWAYS, .is_of_smtp = true, .only = SAGREDO },
	{ spf_accepts_rcpt, .kind = BUILT_IN, .only = SAGREDO },
	{ rulings_accept_recipient, .kind = BUILT_IN, .except = SQMAIL },
	{ chkuser_accepts_host, .kind = BUILT_IN },
	{ rulings_accept_host, .kind = BUILT_IN },
	{ delay_accepts_rcpt, .kind = ALWAYS },
	{ rulings_accept_mailbox, .kind = BUILT_IN },
	{ chkuser_accepts_user, .kind = BUILT_IN },
	{ rulings_accept_search, .kind = BUILT_IN },
	{ spf_accepts_rcpt, .kind = BUILT_IN, .except = SAGREDO },
	{ rulings_accept_sender, .kind = BUILT_IN, .only = SQMAIL },
	{ rulings_accept_recipient, .kind = BUILT_IN, .only = SQMAIL },
	{ accepts_size, .kind = ALWAYS },
	{ dnschecks_accept_rcpt, .kind = BUILT_IN },
	{ greylist_accepts_rcpt, .kind = BUILT_IN },
	{ spp_passes_rcpt, .kind = ALWAYS, .is_of_smtp = true },
	{ empf_accepts_rcpt, .kind = ALWAYS },
	{ rulings_accept_number, .kind = BUILT_IN },
	{ rates_accepts_rcpt, .kind = ALWAYS },
};

bool
stages_accept_rcpt(struct session *s)
{
	return passes(s, rcpt_stages, sizeof rcpt_stages / sizeof *rcpt_stages);
}
