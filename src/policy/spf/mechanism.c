#include "policy/spf/mechanism.h"

#include "lib/ipnet.h"
#include "policy/spf/name.h"

static const char too_many_voids[] = "too many names without an answer";

/* --- networks ------------------------------------------------------------------------------------- */

static bool
is_in_network(
    const struct ip *client, const struct ip *network, unsigned bits4, unsigned bits6)
{
	struct ipnet net = { *network, client->version == 4 ? bits4 : bits6 };

	return ipnet_has(&net, client);
}

static bool
holds_client(
    const struct spf_lookup *l, const struct dns_answer *answer, const struct spf_term *t)
{
	size_t i;

	for (i = 0; answer->result == DNS_FOUND && i < answer->count; i++)
		if (is_in_network(
			&l->macros.ip, &answer->records[i].ip, t->bits4, t->bits6))
			return true;
	return false;
}

/* --- mechanisms that ask ---------------------------------------------------------------------------- */

/* Of an answer that has no records. */
static enum spf_match
no_records(struct spf_lookup *l, const struct dns_answer *answer)
{
	if (answer->result == DNS_FAILED)
		return spf_temperror(l, answer);
	return spf_count_void(l) ? SPF_NO_MATCH : spf_permerror(l, too_many_voids);
}

static enum spf_match
match_a(struct spf_lookup *l, const struct spf_term *t)
{
	struct dns_answer answer;
	struct view name;

	if (!spf_target(l, t->domain, &name))
		return SPF_NO_MATCH;
	spf_ask_hosts(l, &name, 1, &answer);
	if (answer.result != DNS_FOUND)
		return no_records(l, &answer);
	return holds_client(l, &answer, t) ? SPF_MATCH : SPF_NO_MATCH;
}

/* An exchanger without an address is no void answer of the term's: most exchangers lack one of the
 * two kinds. */
static enum spf_match
match_mx(struct spf_lookup *l, const struct spf_term *t)
{
	struct dns_answer exchangers, answers[SPF_HOSTS_MAX];
	struct view domain, names[SPF_HOSTS_MAX] = { 0 };
	size_t i, count = 0;
	const struct dns_answer *failed = NULL;

	if (!spf_target(l, t->domain, &domain))
		return SPF_NO_MATCH;
	if (spf_ask(l, domain, DNS_MX, &exchangers) != DNS_FOUND)
		return no_records(l, &exchangers);
	if (exchangers.count > SPF_HOSTS_MAX)
		return spf_permerror(l, "too many exchangers");
	for (i = 0; i < exchangers.count; i++)
		if (spf_name_is_valid(exchangers.records[i].name))
			names[count++] = exchangers.records[i].name;
	spf_ask_hosts(l, names, count, answers);
	for (i = 0; i < count; i++) {
		if (holds_client(l, &answers[i], t))
			return SPF_MATCH;
		if (answers[i].result == DNS_FAILED)
			failed = &answers[i];
	}
	return failed ? spf_temperror(l, failed) : SPF_NO_MATCH;
}

static enum spf_match
match_exists(struct spf_lookup *l, const struct spf_term *t)
{
	struct dns_answer answer;
	struct view name;

	if (!spf_target(l, t->domain, &name))
		return SPF_NO_MATCH;
	if (spf_ask(l, name, DNS_A, &answer) != DNS_FOUND) /* A for IPv6 clients too */
		return no_records(l, &answer);
	return SPF_MATCH;
}

/* A failure to find the client's names is no match, and no error (RFC 7208 5.5). */
static enum spf_match
match_ptr(struct spf_lookup *l, const struct spf_term *t)
{
	struct view domain;
	size_t i;

	if (!spf_target(l, t->domain, &domain))
		return SPF_NO_MATCH;
	spf_find_names(l);
	if (l->names_result == DNS_FAILED)
		return SPF_NO_MATCH;
	if (l->names_result != DNS_FOUND && !spf_count_void(l))
		return spf_permerror(l, too_many_voids);
	for (i = 0; i < l->name_count; i++)
		if (spf_name_is_within(l->names[i], domain))
			return SPF_MATCH;
	return SPF_NO_MATCH;
}

struct view
spf_client_name(void *context, struct view domain)
{
	struct spf_lookup *l = context;
	struct view best = VIEW("unknown");
	int best_rank = 0;
	size_t i;

	spf_find_names(l);
	for (i = 0; i < l->name_count; i++) {
		bool is_within = spf_name_is_within(l->names[i], domain);
		bool is_same = is_within && l->names[i].len == spf_name_plain(domain).len;
		int rank = 1 + is_within + is_same;

		if (rank <= best_rank)
			continue;
		best = l->names[i];
		best_rank = rank;
	}
	return best;
}

/* --- all of them ------------------------------------------------------------------------------------ */

static enum spf_match
match_asking(struct spf_lookup *l, const struct spf_term *t)
{
	if (!spf_count_term(l))
		return spf_permerror(l, "too many terms that ask the DNS");
	switch (t->mechanism) {
	case SPF_A:
		return match_a(l, t);
	case SPF_MX:
		return match_mx(l, t);
	case SPF_PTR:
		return match_ptr(l, t);
	default:
		return match_exists(l, t);
	}
}

enum spf_match
spf_mechanism_matches(struct spf_lookup *l, const struct spf_term *t)
{
	switch (t->mechanism) {
	case SPF_ALL:
		return SPF_MATCH;
	case SPF_IP4:
	case SPF_IP6:
		return is_in_network(&l->macros.ip, &t->ip, t->bits4, t->bits6)
		    ? SPF_MATCH
		    : SPF_NO_MATCH;
	default:
		return match_asking(l, t);
	}
}
