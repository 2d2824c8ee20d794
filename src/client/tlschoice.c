#include "client/tlschoice.h"

#include <unistd.h>

#include "client/tlspolicy.h"
#include "client/tlssource.h"
#include "config/control.h"

/* In the order of priority (outbound 4.2); behind them only by_kind(). */
static tlssource *const sources[] = {
	tlssource_hosts,
	tlssource_policy,
	tlssource_nohosts,
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

enum answer
tlschoice_make(
    const struct tlschoice_question *q, struct tlschoice *out, struct problem *problem)
{
	struct tlschoice c = { 0 };
	enum answer found = ANSWER_NO;
	size_t i;

	str_set(&c.name, q->server);
	c.name_is_ip = q->is_ip;
	for (i = 0; i < SOURCES && found == ANSWER_NO; i++)
		found = sources[i](q, &c, problem);
	if (found == ANSWER_NO)
		by_kind(q, &c);
	/* A port that speaks TLS from its first octet cannot be spoken to without. */
	if (q->implicit && c.level == TLS_NONE)
		tlschoice_set(&c, TLS_MAY, NULL);
	if (found == ANSWER_ERROR || read_ciphers(&c.ciphers, problem) == ANSWER_ERROR) {
		tlschoice_free(&c);
		return ANSWER_ERROR;
	}
	if (access("control/clientcert.pem", R_OK) == 0)
		str_append_text(&c.cert, "control/clientcert.pem");
	*out = c;
	return ANSWER_YES;
}

void
tlschoice_free(struct tlschoice *c)
{
	str_free(&c->name);
	str_free(&c->trust);
	str_free(&c->ciphers);
	str_free(&c->cert);
	str_free(&c->report_policy);
	str_free(&c->refusal);
	*c = (struct tlschoice) { 0 };
}
