#include "server/authoffer.h"

#include "server/commands.h"
#include "server/sessionreply.h"
#include "server/starttls.h"

bool
authoffer_needs_tls(struct session *s, enum sasl_mechanism mechanism)
{
	const struct auth_rules *rules = &s->settings->auth;

	if (s->tls.active)
		return false;
	if (rules->only_in_tls)
		return true;
	if (rules->in_clear)
		return false;
	if (s->settings->dialect == DIALECT_JMS1)
		return mechanism != SASL_CRAM_MD5;
	return starttls_is_offered(s);
}

static bool
is_offered(struct session *s, enum sasl_mechanism mechanism)
{
	return s->settings->auth.offers[mechanism] && !authoffer_needs_tls(s, mechanism);
}

/* The order of words is the dialect's (inbound 2.4). */
static const enum sasl_mechanism *
order_of(enum dialect dialect)
{
	static const enum sasl_mechanism cram_second[] = { SASL_LOGIN, SASL_CRAM_MD5,
		SASL_PLAIN };
	static const enum sasl_mechanism cram_last[] = { SASL_LOGIN, SASL_PLAIN,
		SASL_CRAM_MD5 };

	return dialect == DIALECT_JMS1 ? cram_second : cram_last;
}

void
authoffer_append_keyword(struct session *s, struct str *out)
{
	const enum sasl_mechanism *order = order_of(s->settings->dialect);
	int i;

	if (!s->settings->auth.on || s->auth.done)
		return;
	for (i = 0; i < SASL_MECHANISMS; i++) {
		if (!is_offered(s, order[i]))
			continue;
		if (out->len == 0)
			str_append_text(out, "AUTH");
		str_append_byte(out, ' ');
		str_append_text(out, sasl_mechanism_name(order[i]));
	}
}

bool
authoffer_refuses(struct session *s)
{
	const struct auth_rules *rules = &s->settings->auth;

	if (!rules->known) {
		commands_refuse_verb(s);
	} else if (!rules->on) {
		if (rules->program.unsafe)
			log_warning(&s->log, rules->program.unsafe,
			    view_of(rules->program.plain[0]));
		session_reply(s, REPLY_NO_AUTH);
	} else if (s->auth.done) {
		session_reply(s, REPLY_AUTH_DONE);
	} else if (s->transaction.open) {
		session_reply(s, REPLY_NO_AUTH_NOW);
	} else {
		return false;
	}
	return true;
}
