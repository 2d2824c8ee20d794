/* Recipients are bounded in number and octets before they cost memory. */
#include "server/transaction.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

static void
bounds(void **state)
{
	struct limits limits = { .recipients = 3, .envelope = 20 };
	struct address sender = address_of(VIEW("a@b"));
	struct transaction t = { 0 };

	(void)state;
	transaction_start(&t, &sender);
	assert_true(t.open && t.count == 0);
	assert_true(
	    transaction_add(&t, &limits, VIEW("12345"), VIEW("@x"))); /* 9 octets */
	assert_false(transaction_add(&t, &limits, VIEW("1234567890"), VIEW(""))); /* 12 */
	assert_true(transaction_add(&t, &limits, VIEW("123456789"), VIEW("")));   /* 11 */
	assert_int_equal(t.octets, 20);
	assert_false(transaction_add(&t, &limits, VIEW(""), VIEW("")));
	assert_true(view_equal(t.first->address, VIEW("12345@x")));
	assert_true(view_equal(t.last->address, VIEW("123456789")));
	limits.envelope = UINT64_MAX;
	assert_true(transaction_add(&t, &limits, VIEW("x"), VIEW("")));
	assert_false(transaction_add(&t, &limits, VIEW("x"), VIEW("")));
	transaction_start(&t, &sender);
	assert_true(t.open && t.count == 0 && t.octets == 0 && !t.first);
	transaction_reset(&t);
	assert_false(t.open);
	transaction_free(&t);
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(bounds) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
