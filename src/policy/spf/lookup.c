#include "policy/spf/lookup.h"

#include "dns/ptr.h"
#include "policy/spf/name.h"

bool
spf_count_term(struct spf_lookup *l)
{
	return ++l->terms <= SPF_TERMS_MAX;
}

bool
spf_count_void(struct spf_lookup *l)
{
	return ++l->voids <= SPF_VOIDS_MAX;
}

enum spf_match
spf_temperror(struct spf_lookup *l, const struct dns_answer *failed)
{
	l->reason = dnsquery_reason_text(failed->reason);
	return SPF_MATCH_TEMPERROR;
}

enum spf_match
spf_permerror(struct spf_lookup *l, const char *reason)
{
	l->reason = reason;
	return SPF_MATCH_PERMERROR;
}

bool
spf_target(struct spf_lookup *l, struct view spec, struct view *out)
{
	struct str text = { 0 };
	struct view name;
	bool good;

	if (spec.len == 0) {
		*out = l->macros.domain;
		return true;
	}
	good = spf_macro_expand(&text, spec, &l->macros);
	name = spf_name_fit(str_view(&text));
	good = good && spf_name_is_valid(name);
	if (good)
		*out = arena_copy(l->mem, name);
	str_free(&text);
	return good;
}

enum dns_result
spf_ask(
    struct spf_lookup *l, struct view name, enum dns_type type, struct dns_answer *answer)
{
	struct dns_question question = { name, type };

	resolver_ask(l->resolver, &question, 1, l->deadline, l->mem, answer);
	return answer->result;
}

void
spf_ask_hosts(struct spf_lookup *l, const struct view *names, size_t count,
    struct dns_answer *answers)
{
	struct dns_question questions[SPF_HOSTS_MAX];
	size_t i;

	for (i = 0; i < count; i++)
		questions[i] = (struct dns_question) { names[i],
			l->macros.ip.version == 4 ? DNS_A : DNS_AAAA };
	if (count > 0)
		resolver_ask(l->resolver, questions, count, l->deadline, l->mem, answers);
}

static bool
has_address(const struct dns_answer *answer, const struct ip *ip)
{
	size_t i;

	for (i = 0; answer->result == DNS_FOUND && i < answer->count; i++)
		if (ip_equal(&answer->records[i].ip, ip))
			return true;
	return false;
}

/* Keep the names that lead back to the client; those that cannot be asked about do not. */
static void
verify(struct spf_lookup *l, const struct dns_answer *pointers)
{
	struct dns_answer answers[SPF_HOSTS_MAX];
	struct view names[SPF_HOSTS_MAX] = { 0 };
	size_t i, count = 0;

	for (i = 0; i < pointers->count && i < SPF_HOSTS_MAX; i++)
		if (spf_name_is_valid(pointers->records[i].name))
			names[count++] = pointers->records[i].name;
	spf_ask_hosts(l, names, count, answers);
	l->names = arena_alloc(l->mem, SPF_HOSTS_MAX * sizeof *l->names);
	for (i = 0; i < count; i++)
		if (has_address(&answers[i], &l->macros.ip))
			l->names[l->name_count++] = names[i];
}

void
spf_find_names(struct spf_lookup *l)
{
	struct str reversed = { 0 };
	struct dns_answer answer;

	if (l->knows_names)
		return;
	l->knows_names = true;
	ptr_reverse(&reversed, &l->macros.ip,
	    l->macros.ip.version == 4 ? VIEW("in-addr.arpa") : VIEW("ip6.arpa"));
	l->names_result =
	    spf_ask(l, arena_copy(l->mem, str_view(&reversed)), DNS_PTR, &answer);
	str_free(&reversed);
	if (l->names_result == DNS_FOUND)
		verify(l, &answer);
}
