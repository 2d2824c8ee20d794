/* dns/cache: what is asked again, and what is not; answers outlive the cache's memory of them. */
#include "unit/unit.h"

#include "dns/backend.h"
#include "dns/cache.h"
#include "lib/fmt.h"

/* Answers what the table does, counts, and says how long records live. */
struct counting {
	struct resolver resolver;
	struct resolver *table;
	size_t questions;
	uint32_t ttl;
};

static void
counting_ask(struct resolver *r, const struct dns_question *questions, size_t count,
    struct deadline deadline, struct arena *mem, struct dns_answer *answers)
{
	struct counting *c = (struct counting *)r;
	size_t i, n;

	c->questions += count;
	resolver_ask(c->table, questions, count, deadline, mem, answers);
	for (i = 0; i < count; i++)
		for (n = 0; n < answers[i].count; n++)
			answers[i].records[n].ttl = c->ttl;
}

static void
counting_free(struct resolver *r)
{
	resolver_free(((struct counting *)r)->table);
}

static struct counting
counting_make(const char *lines, uint32_t ttl)
{
	return (struct counting) { { counting_ask, counting_free, "none" },
		resolver_table(lines), 0, ttl };
}

static const char zone[] = "a.example A 192.0.2.1\na.example TXT hello\n"
			   "broken.example A FAIL\n";

static void
test_once(void **state)
{
	struct counting inner = counting_make(zone, 3600);
	struct resolver *r = resolver_cached(&inner.resolver);
	struct dns_question questions[] = { { VIEW("a.example"), DNS_A },
		{ VIEW("a.example"), DNS_TXT }, { VIEW("none.example"), DNS_A },
		{ VIEW("broken.example"), DNS_A } };
	struct dns_answer answers[4];
	struct arena mem = { 0 }, first = { 0 };
	int round;

	(void)state;
	for (round = 0; round < 3; round++) {
		questions[0].name = round ? VIEW("A.EXAMPLE") : VIEW("a.example");
		resolver_ask(
		    r, questions, 4, deadline_never(), round ? &mem : &first, answers);
		arena_free(&first);
		assert_int_equal(answers[0].result, DNS_FOUND);
		assert_int_equal(answers[0].count, 1);
		if (round) {
			assert_int_equal(answers[0].records[0].ip.bytes[3], 1);
			assert_view_equal(answers[1].records[0].name, VIEW("hello"));
		}
		assert_int_equal(answers[2].result, DNS_NXNAME);
		assert_int_equal(answers[3].result, DNS_FAILED);
		assert_int_equal(inner.questions, 4 + round);
	}
	arena_free(&mem);
	resolver_free(r);
}

static void
test_not_for_ever(void **state)
{
	struct counting inner = counting_make(zone, 0);
	struct resolver *r = resolver_cached(&inner.resolver);
	struct dns_question question = { VIEW("a.example"), DNS_A };
	struct dns_answer answer;
	struct arena mem = { 0 };

	(void)state;
	resolver_ask(r, &question, 1, deadline_never(), &mem, &answer);
	resolver_ask(r, &question, 1, deadline_never(), &mem, &answer);
	assert_int_equal(inner.questions, 2);
	arena_free(&mem);
	resolver_free(r);
}

/* More names than it holds: the oldest is asked again, and an old answer stays what it was. */
static void
test_many(void **state)
{
	struct counting inner = counting_make(zone, 3600);
	struct resolver *r = resolver_cached(&inner.resolver);
	struct dns_question question = { VIEW("a.example"), DNS_TXT };
	struct dns_answer answer, old;
	struct arena mem = { 0 };
	struct str name = { 0 };
	int i;

	(void)state;
	resolver_ask(r, &question, 1, deadline_never(), &mem, &old);
	resolver_ask(r, &question, 1, deadline_never(), &mem, &old);
	for (i = 0; i < CACHE_ANSWERS; i++) {
		str_clear(&name);
		fmt_u64(&name, (uint64_t)i);
		str_append_text(&name, ".example");
		question.name = str_view(&name);
		resolver_ask(r, &question, 1, deadline_never(), &mem, &answer);
		assert_int_equal(answer.result, DNS_NXNAME);
	}
	assert_view_equal(old.records[0].name, VIEW("hello"));
	question.name = VIEW("a.example");
	resolver_ask(r, &question, 1, deadline_never(), &mem, &answer);
	assert_int_equal(inner.questions, CACHE_ANSWERS + 2);
	str_free(&name);
	arena_free(&mem);
	resolver_free(r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_once),
		cmocka_unit_test(test_not_for_ever),
		cmocka_unit_test(test_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
