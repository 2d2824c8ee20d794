/* What the DNS says of us: our name and address, and where mail for our domains goes. */
#include "check/check.h"

#include <string.h>

#include "config/ipme.h"
#include "dns/ptr.h"
#include "dns/resolver.h"
#include "lib/arena.h"

enum { QUESTIONS = 400, SECONDS = 20 };

struct asker {
	struct check *check;
	struct resolver *dns;
	struct arena mem;
	struct ipme own;
};

static struct dns_answer
ask(struct asker *a, struct view name, enum dns_type type)
{
	struct dns_question question = { name, type };
	struct dns_answer answer;

	resolver_ask(a->dns, &question, 1, deadline_in(SECONDS), &a->mem, &answer);
	return answer;
}

static bool
is_unknown(
    struct asker *a, const char *path, size_t line, const struct dns_answer *answer)
{
	if (answer->result != DNS_FAILED)
		return false;
	finding_add(&a->check->out, FINDING_NOTE, path, line, NULL,
	    "not checked: the DNS does not answer, ", resolver_reason(a->dns),
	    (char *)NULL);
	return true;
}

/* Does the name lead to an address of ours?  ANSWER_ERROR: nobody knows. */
static enum answer
leads_here(struct asker *a, struct view host)
{
	static const enum dns_type types[] = { DNS_A, DNS_AAAA };
	enum answer found = ANSWER_NO;
	size_t i, k;

	for (i = 0; i < 2; i++) {
		struct dns_answer answer = ask(a, host, types[i]);

		if (answer.result == DNS_FAILED)
			found = found == ANSWER_YES ? found : ANSWER_ERROR;
		for (k = 0; answer.result == DNS_FOUND && k < answer.count; k++)
			if (ipme_has(&a->own, &answer.records[k].ip))
				found = ANSWER_YES;
	}
	return found;
}

/* --- me ------------------------------------------------------------------------------------------- */

/* RFC 1912 2.1: many servers refuse a client whose address has no name, or another one. */
static void
check_reverse(struct asker *a, const struct ip *ip, struct view me)
{
	struct str name = { 0 }, text = { 0 };
	struct dns_answer answer;
	bool found = false;
	size_t i;

	ptr_reverse(
	    &name, ip, ip->version == 4 ? VIEW("in-addr.arpa") : VIEW("ip6.arpa"));
	answer = ask(a, str_view(&name), DNS_PTR);
	for (i = 0; answer.result == DNS_FOUND && i < answer.count; i++)
		found = found || view_equal_nocase(answer.records[i].name, me);
	ip_format(&text, ip);
	if (answer.result == DNS_NXNAME || answer.result == DNS_NODATA)
		finding_add(&a->check->out, FINDING_WARNING, "control/me", 1,
		    "ask who gave you the address for a PTR record",
		    "the DNS has no name for its address ", str_text(&text),
		    (char *)NULL);
	else if (answer.result == DNS_FOUND && !found)
		finding_add(&a->check->out, FINDING_NOTE, "control/me", 1,
		    "many servers want both to agree",
		    "the DNS has another name for its address ", str_text(&text),
		    (char *)NULL);
	str_free(&name);
	str_free(&text);
}

static void
check_me(struct asker *a)
{
	struct str me = { 0 };
	struct dns_answer four, six;
	size_t i;

	if (control_line("control/me", &me, NULL) != ANSWER_YES || me.len == 0)
		return;
	four = ask(a, str_view(&me), DNS_A);
	six = ask(a, str_view(&me), DNS_AAAA);
	if (!is_unknown(a, "control/me", 1, &four) && four.result != DNS_FOUND &&
	    six.result != DNS_FOUND)
		finding_add(&a->check->out, FINDING_WARNING, "control/me", 1,
		    "give it an A record",
		    "the DNS knows no address of it: many servers refuse who says that "
		    "in "
		    "EHLO",
		    (char *)NULL);
	for (i = 0; four.result == DNS_FOUND && i < four.count; i++)
		check_reverse(a, &four.records[i].ip, str_view(&me));
	for (i = 0; six.result == DNS_FOUND && i < six.count; i++)
		check_reverse(a, &six.records[i].ip, str_view(&me));
	str_free(&me);
}

/* --- domains -------------------------------------------------------------------------------------- */

/* Is one of the exchangers this host?  Without MX records it is the domain itself. */
static enum answer
comes_here(struct asker *a, struct view domain, const struct dns_answer *mx)
{
	enum answer found = ANSWER_NO;
	size_t i;

	if (mx->result != DNS_FOUND)
		return leads_here(a, domain);
	for (i = 0; i < mx->count && found != ANSWER_YES; i++) {
		enum answer here = leads_here(a, mx->records[i].name);

		if (here != ANSWER_NO)
			found = here;
	}
	return found;
}

static void
check_domain(struct asker *a, const char *path, const struct control_entry *e)
{
	struct view domain = view_first(e->text, view_index(e->text, ':'));
	struct dns_answer mx;

	if (domain.len == 0 || domain.at[0] == '.' || domain.at[0] == '[' ||
	    view_index(domain, '@') < domain.len || view_index(domain, '.') == domain.len)
		return;
	mx = ask(a, domain, DNS_MX);
	if (is_unknown(a, path, e->line, &mx))
		return;
	if (mx.result == DNS_NXNAME)
		finding_add(&a->check->out, FINDING_WARNING, path, e->line,
		    "give it an MX record, or remove the line",
		    "the DNS does not know this domain", (char *)NULL);
	else if (comes_here(a, domain, &mx) == ANSWER_NO)
		finding_add(&a->check->out, FINDING_NOTE, path, e->line,
		    "control/moreipme names addresses behind NAT",
		    "its mail goes to another host: no exchanger is this one",
		    (char *)NULL);
}

static void
check_list(struct asker *a, const char *path)
{
	struct control_list list = { 0 };
	size_t i;

	check_list_of(a->check, path, &list);
	for (i = 0; i < list.count && i < QUESTIONS / 4; i++)
		check_domain(a, path, &list.entries[i]);
	control_list_free(&list);
}

void
check_names(struct check *c)
{
	struct asker a = { .check = c, .dns = resolver_network(QUESTIONS) };
	struct problem problem;

	if (ipme_read(&a.own, &problem) == ANSWER_YES) {
		check_me(&a);
		check_list(&a, "control/locals");
		check_list(&a, "control/virtualdomains");
	}
	resolver_free(a.dns);
	ipme_free(&a.own);
	arena_free(&a.mem);
}
