/* reasons: a bounded memory of why recipients were deferred. */
#include "unit/unit.h"

#include "send/reasons.h"

static void
one(void **state)
{
	struct reasons r = { 0 };
	const struct reason *found;
	char longer[REASONS_TEXT_MAX + 50];

	(void)state;
	assert_null(reasons_find(&r, 1, CHANNEL_REMOTE, 0, 0));
	reasons_note(&r, 1, CHANNEL_REMOTE, 25, 1000, VIEW("later\n"));
	found = reasons_find(&r, 1, CHANNEL_REMOTE, 25, 1000);
	assert_non_null(found);
	assert_string_equal(str_text(&found->text), "later");
	assert_int_equal(found->at, 1000);
	assert_null(reasons_find(&r, 1, CHANNEL_LOCAL, 25, 1000));
	assert_null(reasons_find(&r, 1, CHANNEL_REMOTE, 0, 1000));
	assert_null(reasons_find(&r, 2, CHANNEL_REMOTE, 25, 1000));
	/* A younger message of that number is another one. */
	assert_null(reasons_find(&r, 1, CHANNEL_REMOTE, 25, 1001));
	memset(longer, 'x', sizeof longer);
	reasons_note(
	    &r, 1, CHANNEL_REMOTE, 25, 2000, (struct view) { longer, sizeof longer });
	assert_int_equal(
	    reasons_find(&r, 1, CHANNEL_REMOTE, 25, 1)->text.len, REASONS_TEXT_MAX);
	reasons_free(&r);
	assert_null(reasons_find(&r, 1, CHANNEL_REMOTE, 25, 0));
}

static void
many(void **state)
{
	struct reasons r = { 0 };
	uint64_t id, known = 0;

	(void)state;
	for (id = 0; id < 1000; id++)
		reasons_note(&r, id, CHANNEL_REMOTE, 0, 1, VIEW("x"));
	for (id = 0; id < 1000; id++)
		known += reasons_find(&r, id, CHANNEL_REMOTE, 0, 1) != NULL;
	assert_true(known > 800);
	reasons_free(&r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one),
		cmocka_unit_test(many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
