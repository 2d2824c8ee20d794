#include "dns/cache.h"

#include "dns/backend.h"
#include "lib/mem.h"
#include "os/os.h"

struct entry {
	struct arena mem; /* of what follows */
	struct view name; /* as it was asked */
	enum dns_type type;
	struct dns_answer answer;
	int64_t end_ms; /* forgotten then; 0: the entry is empty */
};

struct cache {
	struct resolver resolver; /* first: the two are cast into each other */
	struct resolver *inner;
	struct entry entries[CACHE_ANSWERS];
	size_t next; /* the entry that is used next */
};

static void
copy_answer(struct arena *mem, const struct dns_answer *from, struct dns_answer *out)
{
	struct dns_answer copy = *from;
	size_t i;

	copy.asked = arena_copy(mem, from->asked);
	copy.canonical = arena_copy(mem, from->canonical);
	copy.records = arena_alloc(mem, (from->count + 1) * sizeof *copy.records);
	for (i = 0; i < from->count; i++) {
		copy.records[i] = from->records[i];
		copy.records[i].name = arena_copy(mem, from->records[i].name);
	}
	*out = copy;
}

static const struct entry *
find(const struct cache *c, const struct dns_question *question, int64_t now_ms)
{
	size_t i;

	for (i = 0; i < CACHE_ANSWERS; i++)
		if (c->entries[i].end_ms > now_ms &&
		    c->entries[i].type == question->type &&
		    view_equal_nocase(c->entries[i].name, question->name))
			return &c->entries[i];
	return NULL;
}

/* Milliseconds that an answer may be kept; 0: not at all. */
static int64_t
lifetime_ms(const struct dns_answer *answer)
{
	int64_t seconds = CACHE_SECONDS;
	size_t i, octets = answer->asked.len + answer->canonical.len;

	if (answer->result == DNS_FAILED)
		return 0;
	for (i = 0; i < answer->count; i++) {
		octets += sizeof answer->records[i] + answer->records[i].name.len;
		if (answer->records[i].ttl < seconds)
			seconds = answer->records[i].ttl;
	}
	if (octets > CACHE_OCTETS)
		return 0;
	return 1000 * (answer->result == DNS_FOUND ? seconds : CACHE_NOTHING_SECONDS);
}

static void
remember(struct cache *c, const struct dns_question *question,
    const struct dns_answer *answer, int64_t now_ms)
{
	int64_t lifetime = lifetime_ms(answer);
	struct entry *e = &c->entries[c->next];

	if (lifetime == 0 || question->name.len > CACHE_OCTETS)
		return;
	c->next = (c->next + 1) % CACHE_ANSWERS;
	arena_reset(&e->mem);
	e->name = arena_copy(&e->mem, question->name);
	e->type = question->type;
	copy_answer(&e->mem, answer, &e->answer);
	e->end_ms = now_ms + lifetime;
}

/* What is known is copied, so that it lives as long as an answer must; the rest is asked at once. */
static void
cache_ask(struct resolver *r, const struct dns_question *questions, size_t count,
    struct deadline deadline, struct arena *mem, struct dns_answer *answers)
{
	struct cache *c = (struct cache *)r;
	struct dns_question open[DNS_QUESTIONS_MAX];
	struct dns_answer got[DNS_QUESTIONS_MAX];
	size_t at[DNS_QUESTIONS_MAX], i, open_count = 0;
	int64_t now_ms = os_monotonic_ms();

	for (i = 0; i < count; i++) {
		const struct entry *known = find(c, &questions[i], now_ms);

		if (known) {
			copy_answer(mem, &known->answer, &answers[i]);
			continue;
		}
		at[open_count] = i;
		open[open_count++] = questions[i];
	}
	if (open_count == 0)
		return;
	resolver_ask(c->inner, open, open_count, deadline, mem, got);
	c->resolver.reason = resolver_reason(c->inner);
	for (i = 0; i < open_count; i++) {
		answers[at[i]] = got[i];
		remember(c, &open[i], &got[i], now_ms);
	}
}

static void
cache_free(struct resolver *r)
{
	struct cache *c = (struct cache *)r;
	size_t i;

	for (i = 0; i < CACHE_ANSWERS; i++)
		arena_free(&c->entries[i].mem);
	resolver_free(c->inner);
	mem_free(c);
}

struct resolver *
resolver_cached(struct resolver *inner)
{
	struct cache *c = mem_alloc_zeroed(1, sizeof *c);

	c->resolver = (struct resolver) { cache_ask, cache_free, "none" };
	c->inner = inner;
	return &c->resolver;
}
