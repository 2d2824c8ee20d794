#include "server/envelopeaddress.h"

#include "server/ownip.h"
#include "server/sessionreply.h"

static void
no_own_addresses(struct session *s, const struct problem *problem)
{
	if (problem->what) {
		session_no_controls(s, problem);
		return;
	}
	session_reply(s, REPLY_NO_OWN_IP);
	session_close(s, "interfaces");
}

/* box@[one of our addresses] is box@localiphost.  False if that could not be found out. */
static bool
replace_literal(struct session *s, struct address *address)
{
	struct problem problem;
	struct str whole = { 0 };
	struct ip ip;

	if (!s->settings->has_own_host ||
	    !ownip_parse_literal(address->domain, s->settings->strict, &ip))
		return true;
	switch (ownip_has(&s->ownip, &ip, s->settings->strict, &problem)) {
	case ANSWER_ERROR:
		no_own_addresses(s, &problem);
		return false;
	case ANSWER_NO:
		return true;
	case ANSWER_YES:
		break;
	}
	str_append(&whole, address->local);
	str_append_byte(&whole, '@');
	str_append(&whole, str_view(&s->settings->own_host));
	*address = address_of(arena_copy(&s->scratch, str_view(&whole)));
	str_free(&whole);
	return true;
}

enum answer
envelopeaddress_parse(
    struct session *s, struct view argument, struct address *address, struct view *rest)
{
	enum address_rules rules = s->settings->strict ? ADDRESS_STOCK : ADDRESS_CLEAN;

	if (address_parse(argument, rules, &s->scratch, address, rest) != ADDRESS_OK)
		return ANSWER_NO;
	if (!replace_literal(s, address))
		return ANSWER_ERROR;
	return address->whole.len > s->settings->limits.address ? ANSWER_NO : ANSWER_YES;
}

/* What some take for a mistake that qmail does not: no '<' (s/qmail), nothing behind the ':'
 * (sagredo).  Inbound 3.1.13. */
static bool
is_written_badly(const struct session *s, struct view argument)
{
	bool has_bracket = view_index(argument, '<') < argument.len;
	struct view before, after;

	if (s->settings->dialect == DIALECT_SQMAIL)
		return !has_bracket;
	return s->settings->dialect == DIALECT_SAGREDO && !has_bracket &&
	    (!view_cut(argument, ':', &before, &after) || view_trim_left(after).len == 0);
}

bool
envelopeaddress_take(
    struct session *s, struct view argument, struct address *address, struct view *rest)
{
	enum answer answer = ANSWER_NO;

	if (!is_written_badly(s, argument))
		answer = envelopeaddress_parse(s, argument, address, rest);
	if (answer == ANSWER_NO)
		session_refuse(s, REPLY_SYNTAX, "syntax");
	return answer == ANSWER_YES;
}
