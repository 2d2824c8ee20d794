#include "tlspolicy/tlsdane.h"

#include <stdlib.h>

#include "dns/tlsa.h"
#include "tlspolicy/tlsrequired.h"
#include "tlspolicy/tlssource.h"
#include "wire/tlsa.h"
#include "wire/tlsrpt.h"

enum { LOOKUP = 30 }; /* seconds for the records of one name */

/* What reports call both levels. */
static const char policy[] = "dane";

/* What the DNS says of a server. */
struct records {
	struct view
	    base; /* the name they are for: the TLSA base domain of RFC 7672 2.2.3 */
	struct view *list;
	size_t count;
};

static void
refuse(struct tlschoice *c, const char *type, const char *before, struct view name,
    const char *after)
{
	tlschoice_set(c, c->level, policy);
	c->report_type = TLSRPT_TLSA;
	c->refusal_type = type;
	str_clear(&c->refusal);
	str_append_text(&c->refusal, before);
	str_append(&c->refusal, name);
	str_append_text(&c->refusal, after);
}

/* Must the server prove itself, whatever its records are worth? */
static bool
is_strict(const struct tlschoice_question *q)
{
	return q->has_credential && !q->clear_allowed;
}

static enum answer
look_up(const struct tlschoice_question *q, struct arena *mem, struct records *out)
{
	const struct tlschoice_dns *dns = &q->dns;
	struct deadline deadline = deadline_sooner(deadline_in(LOOKUP), dns->end);
	enum answer found = ANSWER_NO;

	if (q->is_ip || !dns->secure || !dns->resolver)
		return ANSWER_NO;
	/* A secure alias: what its target says comes first (RFC 7672 2.2.2). */
	if (dns->canonical.len > 0 && !view_equal_nocase(dns->canonical, dns->asked)) {
		out->base = dns->canonical;
		found = dns_tlsa_lookup(dns->resolver, out->base, dns->port, deadline,
		    mem, &out->list, &out->count);
	}
	if (found == ANSWER_NO) {
		out->base = dns->asked;
		found = dns_tlsa_lookup(dns->resolver, out->base, dns->port, deadline,
		    mem, &out->list, &out->count);
	}
	return found;
}

static int
compare_records(const void *a, const void *b)
{
	return view_compare(*(const struct view *)a, *(const struct view *)b);
}

/* Resolvers like to turn a set's records round; the same ones are to be the same set to who keeps
 * sessions, resumes them or reports. */
static void
sort(struct records *records)
{
	if (records->count > 1)
		qsort(records->list, records->count, sizeof *records->list,
		    compare_records);
}

static void
add_name(struct str *names, struct view name)
{
	if (name.len == 0)
		return;
	if (names->len > 0)
		str_append_byte(names, ',');
	str_append(names, name);
}

/* The records as qmail-tls wants them.  How many may prove something; false if they are too many. */
static bool
take(const struct records *records, struct str *list, size_t *usable)
{
	struct tlsa one;
	size_t i;

	*usable = 0;
	str_clear(list);
	for (i = 0; i < records->count; i++) {
		if (i == TLSA_RECORDS_MAX || !tlsa_add(list, records->list[i]))
			return false;
		*usable += tlsa_parse(records->list[i], &one) && tlsa_is_usable(&one);
	}
	return true;
}

/* Records, and none of them says whom to trust: TLS all the same, but with anybody; except that a
 * credential goes to nobody unverified. */
static void
settle_unusable(const struct tlschoice_question *q, const struct records *records,
    struct tlschoice *c)
{
	str_clear(&c->tlsa);
	if (c->level == TLS_DANE_ONLY)
		refuse(
		    c, "tlsa-invalid", "no TLSA record of ", records->base, " is usable");
	else
		tlschoice_set(c, is_strict(q) ? TLS_SECURE : TLS_ENCRYPT, policy);
}

static void
settle_found(
    const struct tlschoice_question *q, struct records *records, struct tlschoice *c)
{
	size_t usable;

	sort(records);
	if (!take(records, &c->tlsa, &usable)) {
		refuse(c, "tlsa-invalid", "the TLSA records of ", records->base,
		    " are too many");
		return;
	}
	c->report_type = TLSRPT_TLSA;
	tlsrpt_describe_tlsa(&c->report_policy, str_view(&c->tlsa));
	if (usable == 0) {
		settle_unusable(q, records, c);
		return;
	}
	/* What looks like a certificate may be none; then a credential must not go to just anybody. */
	tlschoice_set(c, is_strict(q) ? TLS_DANE_ONLY : c->level, policy);
	str_set(&c->name, records->base);
	str_set(&c->sni, records->base);
	c->name_is_ip = c->wrong_name = false;
	str_clear(&c->also);
	add_name(&c->also, q->dns.domain);
	add_name(&c->also, q->dns.asked);
}

enum answer
tlsdane_settle(const struct tlschoice_question *q, struct tlschoice *c)
{
	struct records records = { 0 };
	struct arena mem = { 0 };
	enum answer found = look_up(q, &mem, &records);

	if (found == ANSWER_YES)
		settle_found(q, &records, c);
	else if (found == ANSWER_ERROR)
		refuse(c, "dnssec-invalid", "the TLSA records of ", records.base,
		    " cannot be looked up");
	else if (c->level == TLS_DANE_ONLY)
		refuse(c, "dane-required", "", q->server,
		    q->dns.secure || q->is_ip
			? " has no TLSA records"
			: " was found by DNS answers that are not authentic");
	arena_free(&mem);
	return found == ANSWER_NO && c->level == TLS_DANE ? ANSWER_NO : ANSWER_YES;
}

enum answer
tlssource_dane(
    const struct tlschoice_question *q, struct tlschoice *c, struct problem *problem)
{
	(void)problem;
	/* A relay that gets a credential is verified by the admin's own word (outbound 4.4). */
	if (!q->dns.secure || is_strict(q) ||
	    (!q->has_credential && tlsrequired_is_no(q->message)))
		return ANSWER_NO;
	tlschoice_set(c, TLS_DANE, NULL);
	return ANSWER_YES;
}
