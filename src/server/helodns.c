#include "server/helodns.h"

#include "lib/env.h"
#include "policy/listed.h"
#include "server/maildomain.h"
#include "server/session.h"
#include "server/sessionreply.h"

/* "A": an address; "M": whatever mail could go to, as s/qmail looks for it; else '\0'. */
static char
mode_of(const struct session *s)
{
	const char *value = env_value("HELOCHECK");

	if (s->settings->dialect != DIALECT_SQMAIL || !value || value[0] == '\0' ||
	    value[1] != '\0')
		return '\0';
	return value[0] == 'A' || value[0] == 'M' ? value[0] : '\0';
}

/* "name!" in badhelo is good. */
static bool
is_good(const struct session *s)
{
	const struct check_list *list = &s->settings->policy.lists[CHECK_BADHELO];

	return listed_affixed(list, "", str_view(&s->helo), "!");
}

static enum answer
exists(struct session *s, char mode)
{
	struct session_helodns *check = &s->helodns;
	struct view name = str_view(&s->helo);

	if (!check->known)
		check->exists = mode == 'A' ? maildomain_has_address(s, name)
					    : maildomain_exists(s, name);
	check->known = check->exists != ANSWER_ERROR;
	return check->exists;
}

static bool
refuse(struct session *s, bool for_good)
{
	struct ruling why = { .reply = reply_named(REPLY_DNS_FAILURE),
		.check = "helodns",
		.file = "HELOCHECK" };

	if (for_good) {
		reply_set(&why.reply, 550, "5.7.1", "sorry, invalid HELO/EHLO greeting");
		session_add_word(s, &why, "REPLY_HELO");
	}
	session_refuse_with(s, &why);
	return false;
}

bool
helodns_accepts_rcpt(struct session *s)
{
	char mode = mode_of(s);

	if (!mode || s->relay_client || !s->said_helo || env_value("NOBADHELO") ||
	    is_good(s) || policy_spares(&s->settings->policy, &s->recipient))
		return true;
	switch (exists(s, mode)) {
	case ANSWER_NO:
		return refuse(s, true);
	case ANSWER_ERROR:
		return refuse(s, false);
	case ANSWER_YES:
		break;
	}
	return true;
}

void
helodns_forget(struct session *s)
{
	s->helodns = (struct session_helodns) { 0 };
}
