#include "unit/unit.h"

#include "sts/look.h"

enum { NOW = 1000000 };

static const struct {
	const char *name;
	const char *id;
	uint64_t fetched, expires;
	bool anew;
	enum look_choice choice;
} choices[] = {
	{ "nothing is kept", "", 0, 0, false, LOOK_FETCH },
	{ "the same id", "b", NOW - 10, NOW + 10, false, LOOK_KEEP },
	{ "another id", "a", NOW - 10, NOW + 10, false, LOOK_FETCH },
	{ "the same in another case", "B", NOW - 10, NOW + 10, false, LOOK_FETCH },
	{ "expired", "b", NOW - 10, NOW, false, LOOK_FETCH },
	{ "nearly a day old", "b", NOW - 86399, NOW + 10, false, LOOK_KEEP },
	{ "a day old", "b", NOW - 86400, NOW + 10, false, LOOK_FETCH },
	{ "by hand", "b", NOW - 10, NOW + 10, true, LOOK_FETCH },
};

static void
test_choose(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(choices); i++) {
		struct sts_kept kept = { .id = view_of(choices[i].id),
			.fetched = choices[i].fetched,
			.expires = choices[i].expires };
		struct look_question q = { .now = NOW, .anew = choices[i].anew };

		print_message("%s\n", choices[i].name);
		assert_int_equal(look_choose(&kept, VIEW("b"), &q), choices[i].choice);
	}
}

/* What a look without a fetch makes of what was kept. */
static const struct {
	const char *name, *zone;
	uint64_t expires;
	const char *id, *text;
	enum sts_failure failure;
	uint64_t next;
} looks[] = {
	{ "the record is as it was", "_mta-sts.a.example TXT v=STSv1; id=old\n",
	    NOW + 90000, "old", "", STS_FINE, NOW + LOOK_AGAIN },
	{ "... and the policy ends soon", "_mta-sts.a.example TXT v=STSv1; id=old\n",
	    NOW + 500, "old", "", STS_FINE, NOW + 500 },
	{ "... very soon", "_mta-sts.a.example TXT v=STSv1; id=old\n", NOW + 5, "old", "",
	    STS_FINE, NOW + LOOK_RETRY },
	{ "no record", "a.example TXT x\n", NOW + 90000, "old",
	    "there is no record in the DNS", STS_FINE, NOW + LOOK_AGAIN },
	{ "no record, and the policy has ended", "a.example TXT x\n", NOW, "",
	    "there is no record in the DNS", STS_FINE, NOW + LOOK_AGAIN },
	{ "two records",
	    "_mta-sts.a.example TXT v=STSv1; id=n\n_mta-sts.a.example TXT v=STSv1; "
	    "id=m\n",
	    NOW + 90000, "old", "there are several records in the DNS", STS_FINE,
	    NOW + LOOK_AGAIN },
	{ "a broken record", "_mta-sts.a.example TXT v=STSv1; id=_\n", NOW + 90000, "old",
	    "the record in the DNS is not valid", STS_INVALID, NOW + LOOK_RETRY },
	{ "the policy host has no address", "_mta-sts.a.example TXT v=STSv1; id=new\n",
	    NOW + 90000, "old", "no address of the policy host is found", STS_FETCH_ERROR,
	    NOW + LOOK_RETRY },
};

static void
keep_old(uint64_t expires)
{
	struct sts_kept kept = { .domain = VIEW("a.example"),
		.mode = STS_ENFORCE,
		.id = VIEW("old"),
		.fetched = NOW - 100,
		.expires = expires,
		.used = NOW - 100,
		.text = VIEW("x"),
		.mx = VIEW("mx.example") };
	struct str bytes = { 0 };

	sts_kept_format(&bytes, &kept);
	unit_write_file(STS_CACHE "/a.example", str_view(&bytes));
	str_free(&bytes);
}

static void
test_look(void **state)
{
	struct fetch_settings settings = { .timeout_ms = 1000 };
	size_t i;

	(void)state;
	assert_int_equal(mkdir("cache", 0755) | mkdir(STS_CACHE, 0755), 0);
	for (i = 0; i < COUNT(looks); i++) {
		struct look_question q = { .domain = VIEW("A.example"), .now = NOW };
		struct resolver *r = resolver_table(looks[i].zone);
		struct look look = { 0 };

		print_message("%s\n", looks[i].name);
		keep_old(looks[i].expires);
		look_at(&q, r, &settings, &look);
		assert_false(look.fetched);
		assert_view_equal(look.kept.domain, VIEW("a.example"));
		assert_view_equal(look.kept.id, view_of(looks[i].id));
		assert_view_equal(look.kept.text, view_of(looks[i].text));
		assert_int_equal(look.kept.failure, looks[i].failure);
		assert_int_equal(look.kept.next, looks[i].next);
		assert_int_equal(look.kept.checked, NOW);
		assert_int_equal(look.kept.used, NOW - 100);
		look_free(&look);
		resolver_free(r);
	}
}

int
main(void)
{
	static const struct CMUnitTest tests[] = { cmocka_unit_test(test_choose),
		cmocka_unit_test(test_look) };

	return cmocka_run_group_tests(tests, unit_enter_directory, NULL);
}
