#include "dns/mx.h"

#include "dns/shuffle.h"

enum { EXCHANGERS_AT_ONCE = DNS_QUESTIONS_MAX / 2 };

/* One exchanger, and what is known of its addresses. */
struct exchanger {
	struct view name;
	uint16_t preference;
	bool failed; /* no address found, and could not find out */
	struct dns_answer families[2];
};

/* What a lookup has in hand. */
struct search {
	struct resolver *resolver;
	struct deadline deadline;
	struct arena *mem;
	uint64_t seed;
	size_t limit;
	struct exchanger *exchangers; /* best first */
	size_t count;
	struct mx_list list;
};

/* The exchangers of an answer, without the root.  How many. */
static size_t
collect(struct search *s, const struct dns_answer *answer)
{
	size_t i;

	s->exchangers = arena_alloc(s->mem, (answer->count + 1) * sizeof *s->exchangers);
	for (i = 0; i < answer->count; i++)
		if (answer->records[i].name.len > 0)
			s->exchangers[s->count++] =
			    (struct exchanger) { .name = answer->records[i].name,
				    .preference = answer->records[i].preference };
	return s->count;
}

/* Shuffle all, then sort without changing the order of equals. */
static void
sort_exchangers(struct search *s)
{
	struct exchanger **order = arena_alloc(s->mem, s->count * sizeof *order), *one;
	struct exchanger *sorted = arena_alloc(s->mem, s->count * sizeof *sorted);
	size_t i, at;

	for (i = 0; i < s->count; i++)
		order[i] = &s->exchangers[i];
	shuffle(order, s->count, sizeof *order, &s->seed);
	for (i = 1; i < s->count; i++) {
		one = order[i];
		for (at = i; at > 0 && order[at - 1]->preference > one->preference; at--)
			order[at] = order[at - 1];
		order[at] = one;
	}
	for (i = 0; i < s->count; i++)
		sorted[i] = *order[i];
	s->exchangers = sorted;
}

/* Some write an address where a name belongs; stock delivers there. */
static bool
take_literal(struct search *s, struct exchanger *x)
{
	struct dns_record *record;
	struct ip ip;

	if (!ip_parse(x->name, &ip) && !ip_parse_literal(x->name, &ip))
		return false;
	record = arena_alloc(s->mem, sizeof *record);
	*record = (struct dns_record) { .ip = ip };
	x->families[ip.version == 6] = (struct dns_answer) {
		.result = DNS_FOUND, .records = record, .count = 1, .asked = VIEW("")
	};
	x->families[ip.version != 6] = (struct dns_answer) { .result = DNS_NODATA };
	return true;
}

static bool
is_literal(const struct exchanger *x)
{
	struct ip ip;

	return ip_parse(x->name, &ip) || ip_parse_literal(x->name, &ip);
}

/* Ask for both families of up to EXCHANGERS_AT_ONCE of them, from `first` on. */
static void
ask_addresses(struct search *s, size_t first, size_t count)
{
	struct dns_question questions[DNS_QUESTIONS_MAX];
	struct dns_answer answers[DNS_QUESTIONS_MAX];
	struct exchanger *asked[EXCHANGERS_AT_ONCE];
	size_t i, n = 0;

	for (i = first; i < first + count; i++) {
		struct exchanger *x = &s->exchangers[i];

		if (take_literal(s, x))
			continue;
		questions[2 * n] = (struct dns_question) { x->name, DNS_A };
		questions[2 * n + 1] = (struct dns_question) { x->name, DNS_AAAA };
		asked[n++] = x;
	}
	if (n == 0)
		return;
	resolver_ask(s->resolver, questions, 2 * n, s->deadline, s->mem, answers);
	for (i = 0; i < n; i++) {
		struct dns_answer *pair = &answers[2 * i];

		asked[i]->families[0] = pair[0];
		asked[i]->families[1] = pair[1];
		asked[i]->failed = pair[0].count + pair[1].count == 0 &&
		    (pair[0].result == DNS_FAILED || pair[1].result == DNS_FAILED);
	}
}

static size_t
count_addresses(const struct exchanger *x)
{
	return x->families[0].count + x->families[1].count;
}

/* Until as many are known as will be tried.  Exchangers behind that are forgotten. */
static void
find_addresses(struct search *s)
{
	size_t first, i, n, known = 0;

	for (first = 0; first < s->count && known < s->limit; first += n) {
		n = s->count - first < EXCHANGERS_AT_ONCE ? s->count - first
							  : EXCHANGERS_AT_ONCE;
		ask_addresses(s, first, n);
		for (i = first; i < first + n; i++)
			known += count_addresses(&s->exchangers[i]);
	}
	s->count = first < s->count ? first : s->count;
}

static void
note_failures(struct search *s)
{
	size_t i;

	for (i = 0; i < s->count && !s->list.some_failed; i++) {
		s->list.some_failed = s->exchangers[i].failed;
		s->list.failed_preference = s->exchangers[i].preference;
	}
}

/* All addresses of one family that a group of exchangers has, in their order; an exchanger's own
 * begin anywhere. */
static size_t
gather(struct search *s, size_t first, size_t end, int family, struct mx_address *out)
{
	size_t i, k, n = 0;

	for (i = first; i < end; i++) {
		const struct exchanger *x = &s->exchangers[i];
		const struct dns_answer *answer = &x->families[family];
		size_t start = answer->count ? shuffle_below(&s->seed, answer->count) : 0;

		for (k = 0; k < answer->count; k++)
			out[n++] = (struct mx_address) {
				.ip = answer->records[(start + k) % answer->count].ip,
				.name = answer->asked.len ? answer->asked : x->name,
				.canonical = answer->canonical,
				.preference = x->preference,
				.literal = is_literal(x),
				.authentic = answer->authentic,
			};
	}
	return n;
}

/* Add the addresses of one preference: one of each family in turn. */
static void
add_group(struct search *s, size_t first, size_t end)
{
	struct mx_address *family[2], *out = s->list.addresses;
	size_t have[2], used[2] = { 0, 0 }, i, most = 0;
	int turn = 0;

	for (i = first; i < end; i++)
		most += count_addresses(&s->exchangers[i]);
	for (i = 0; i < 2; i++) {
		family[i] = arena_alloc(s->mem, most * sizeof *family[i]);
		have[i] = gather(s, first, end, (int)i, family[i]);
	}
	for (i = 0; i < most && s->list.count < s->limit; i++, turn = !turn) {
		if (used[turn] == have[turn])
			turn = !turn;
		out[s->list.count++] = family[turn][used[turn]++];
	}
}

static void
build_list(struct search *s)
{
	size_t first, end;

	s->list.addresses = arena_alloc(s->mem, s->limit * sizeof *s->list.addresses);
	for (first = 0; first < s->count; first = end) {
		for (end = first + 1; end < s->count &&
		     s->exchangers[end].preference == s->exchangers[first].preference;)
			end++;
		add_group(s, first, end);
	}
}

/* What the MX answer means: MX_FOUND when there are exchangers to look up. */
static enum mx_result
judge(struct search *s, struct view domain, const struct dns_answer *mx)
{
	switch (mx->result) {
	case DNS_FOUND:
		return collect(s, mx) > 0 ? MX_FOUND : MX_NULL;
	case DNS_NODATA:
	case DNS_NXNAME:
		s->exchangers = arena_alloc(s->mem, sizeof *s->exchangers);
		s->exchangers[s->count++] = (struct exchanger) { .name = domain };
		s->list.implicit = true;
		return MX_FOUND;
	case DNS_BADNAME:
		return MX_NO_HOST;
	case DNS_FAILED:
		break;
	}
	return MX_SOFT;
}

enum mx_result
mx_lookup(struct resolver *r, struct view domain, uint64_t seed, size_t limit,
    struct deadline deadline, struct arena *mem, struct mx_list *out)
{
	struct search s = {
		.resolver = r, .deadline = deadline, .mem = mem, .seed = seed
	};
	struct dns_question question = { domain, DNS_MX };
	struct dns_answer mx;
	enum mx_result result;

	s.limit = limit > 0 ? limit : 1;
	resolver_ask(r, &question, 1, deadline, mem, &mx);
	s.list.domain = mx.asked;
	s.list.authentic = mx.authentic;
	result = judge(&s, domain, &mx);
	if (result != MX_FOUND)
		return result;
	sort_exchangers(&s);
	find_addresses(&s);
	note_failures(&s);
	build_list(&s);
	if (s.list.count == 0)
		return s.list.some_failed ? MX_SOFT
		    : s.list.implicit     ? MX_NO_HOST
					  : MX_NO_ADDRESS;
	*out = s.list;
	return MX_FOUND;
}

bool
mx_better_failed(const struct mx_list *list, uint16_t own)
{
	return list->some_failed && list->failed_preference < own;
}
