/* The envelope: every case whole, and in two pieces at every place, and byte by byte. */
#include "queue/envelope.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "lib/str.h"

#define HUNDRED                                              \
	"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx" \
	"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
#define THOUSAND \
	HUNDRED HUNDRED HUNDRED HUNDRED HUNDRED HUNDRED HUNDRED HUNDRED HUNDRED HUNDRED

static const struct {
	const char *name;
	struct view input;
	enum envelope_status status;
	size_t accepted;
} cases[] = {
	{ "nothing", { "", 0 }, ENVELOPE_MORE, 0 },
	{ "one recipient", { "Fa\0Tb\0\0", 7 }, ENVELOPE_DONE, 6 },
	{ "no recipient", { "Fa\0\0", 4 }, ENVELOPE_DONE, 3 },
	{ "null sender", { "F\0\0", 3 }, ENVELOPE_DONE, 2 },
	{ "empty recipient", { "F\0T\0\0", 5 }, ENVELOPE_DONE, 4 },
	{ "more behind the end", { "Fa\0\0Tb\0\0", 8 }, ENVELOPE_DONE, 3 },
	{ "letters in addresses", { "FTF\0TFT\0\0", 9 }, ENVELOPE_DONE, 8 },
	{ "no end", { "Fa\0Tb\0", 6 }, ENVELOPE_MORE, 6 },
	{ "in an address", { "Fa\0Tb", 5 }, ENVELOPE_MORE, 5 },
	{ "NUL first", { "\0", 1 }, ENVELOPE_BAD_LETTER, 0 },
	{ "T first", { "Ta\0\0", 4 }, ENVELOPE_BAD_LETTER, 0 },
	{ "two senders", { "Fa\0Fb\0\0", 7 }, ENVELOPE_BAD_LETTER, 0 },
	{ "lower case", { "fa\0\0", 4 }, ENVELOPE_BAD_LETTER, 0 },
	{ "1002", { "F" THOUSAND "xx\0\0", 1005 }, ENVELOPE_DONE, 1004 },
	{ "1003", { "F" THOUSAND "xxx\0\0", 1006 }, ENVELOPE_TOO_LONG, 0 },
	{ "1003 without an end", { "F" THOUSAND "xxx", 1004 }, ENVELOPE_TOO_LONG, 0 },
	{ "1002 of recipient", { "F\0T" THOUSAND "xx\0\0", 1007 }, ENVELOPE_DONE, 1006 },
	{ "1003 of recipient", { "F\0T" THOUSAND "xxx\0\0", 1008 }, ENVELOPE_TOO_LONG,
	    0 },
};

/* Feed in pieces of `size`; how much was accepted before an error does not count. */
static void
feed(size_t i, size_t first, size_t size)
{
	struct envelope e = { 0 };
	struct view rest = cases[i].input;
	size_t accepted, all = 0;

	do {
		envelope_feed(&e, view_first(rest, first), &accepted);
		rest = view_from(rest, first);
		first = size;
		all += accepted;
	} while (rest.len > 0);
	if (e.status != cases[i].status)
		fail_msg("%s: status %d", cases[i].name, (int)e.status);
	if ((e.status == ENVELOPE_MORE || e.status == ENVELOPE_DONE) &&
	    all != cases[i].accepted)
		fail_msg("%s: %zu accepted", cases[i].name, all);
}

static void
whole_and_in_pieces(void **state)
{
	size_t i, cut;

	(void)state;
	for (i = 0; i < sizeof cases / sizeof *cases; i++) {
		feed(i, cases[i].input.len, 1);
		feed(i, 1, 1);
		feed(i, 3, 7);
		for (cut = 0; cut <= cases[i].input.len; cut++)
			feed(i, cut, cases[i].input.len + 1);
	}
}

static void
an_end_is_final(void **state)
{
	struct envelope e = { 0 };
	size_t accepted;

	(void)state;
	assert_int_equal(envelope_feed(&e, VIEW("X"), &accepted), ENVELOPE_BAD_LETTER);
	assert_int_equal(
	    envelope_feed(&e, VIEW("Fa\0\0"), &accepted), ENVELOPE_BAD_LETTER);
	assert_int_equal(accepted, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whole_and_in_pieces),
		cmocka_unit_test(an_end_is_final),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
