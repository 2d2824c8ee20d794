#include "tlspolicy/tlschoice.h"

#include <unistd.h>

#include "config/control.h"
#include "tlspolicy/tlsdane.h"
#include "tlspolicy/tlsowncert.h"
#include "tlspolicy/tlspolicy.h"
#include "tlspolicy/tlssource.h"

/* In the order of priority (outbound 4.2); behind them only by_kind(). */
static tlssource *const sources[] = {
	tlssource_hosts,
	tlssource_route,
	tlssource_policy,
	tlssource_destinations,
	tlssource_nohosts,
	tlssource_dane,
	tlssource_sts,
};

enum { SOURCES = sizeof sources / sizeof *sources };

void
tlschoice_set(struct tlschoice *c, enum tls_level level, const char *policy)
{
	c->level = level;
	c->policy = policy ? policy : tlspolicy_level_name(level);
}

static void
by_kind(const struct tlschoice_question *q, struct tlschoice *c)
{
	c->by_default = true;
	tlschoice_set(
	    c, q->has_credential && !q->clear_allowed ? TLS_SECURE : TLS_MAY, NULL);
}

/* control/tlsclientciphers: its lines, joined by ':'. */
static enum answer
read_ciphers(struct str *ciphers, struct problem *problem)
{
	struct control_list list = { 0 };
	enum answer found;
	size_t i;

	if (ciphers->len > 0) /* tlspolicy said */
		return ANSWER_YES;
	found = control_list("control/tlsclientciphers", &list, problem);
	for (i = 0; i < list.count; i++) {
		if (i > 0)
			str_append_byte(ciphers, ':');
		str_append(ciphers, list.entries[i].text);
	}
	control_list_free(&list);
	return found;
}

/* control/trustanchors, a file or a directory, is the default trust store if it is there. */
static void
choose_trust(struct tlschoice *c)
{
	bool wants =
	    c->level == TLS_SECURE || c->level == TLS_VERIFY || c->level == TLS_CHAIN;

	if (wants && c->trust.len == 0 && access("control/trustanchors", F_OK) == 0)
		str_set(&c->trust, VIEW("control/trustanchors"));
}

/* What holds whoever said how much TLS there is to be. */
static enum answer
complete(const struct tlschoice_question *q, struct tlschoice *c, struct problem *problem)
{
	/* A port that speaks TLS from its first octet cannot be spoken to without. */
	if (q->implicit && c->level == TLS_NONE)
		tlschoice_set(c, TLS_MAY, NULL);
	if (c->level == TLS_NONE)
		return ANSWER_YES;
	choose_trust(c);
	if (read_ciphers(&c->ciphers, problem) == ANSWER_ERROR ||
	    tlsowncert_find(q->sender, c, problem) == ANSWER_ERROR)
		return ANSWER_ERROR;
	return ANSWER_YES;
}

static void
start(const struct tlschoice_question *q, struct tlschoice *c)
{
	tlschoice_free(c);
	c->name_is_ip = q->is_ip;
	str_set(&c->name, q->server);
	str_set(&c->sni, q->is_ip ? VIEW("") : q->server);
}

/* What "dane" means for this server.  For one without records it means nothing, whoever said it: then
 * the next source is asked. */
static enum answer
settle_dane(const struct tlschoice_question *q, struct tlschoice *c)
{
	enum answer found = tlsdane_settle(q, c);

	if (found == ANSWER_NO)
		start(q, c);
	return found;
}

enum answer
tlschoice_make(
    const struct tlschoice_question *q, struct tlschoice *out, struct problem *problem)
{
	struct tlschoice c = { 0 };
	enum answer found = ANSWER_NO;
	size_t i;

	start(q, &c);
	for (i = 0; i < SOURCES && found == ANSWER_NO; i++) {
		found = sources[i](q, &c, problem);
		if (found == ANSWER_YES && tls_level_is_dane(c.level))
			found = settle_dane(q, &c);
	}
	if (found == ANSWER_NO)
		by_kind(q, &c);
	if (found == ANSWER_ERROR || complete(q, &c, problem) == ANSWER_ERROR) {
		tlschoice_free(&c);
		return ANSWER_ERROR;
	}
	*out = c;
	return ANSWER_YES;
}

void
tlschoice_free(struct tlschoice *c)
{
	str_free(&c->name);
	str_free(&c->also);
	str_free(&c->sni);
	str_free(&c->fingerprints);
	str_free(&c->trust);
	str_free(&c->ciphers);
	str_free(&c->cert);
	str_free(&c->tlsa);
	str_free(&c->report_policy);
	str_free(&c->refusal);
	str_free(&c->key);
	str_wipe(&c->key_password);
	*c = (struct tlschoice) { 0 };
}
