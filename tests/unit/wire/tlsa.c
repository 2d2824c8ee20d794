/* tlsa: which records may prove a mail server (outbound 4.5), and lists of them. */
#include "unit/unit.h"

#include "wire/tlsa.h"

#define OCTETS_31 "0123456789012345678901234567890"
#define SHA256    OCTETS_31 "1"
#define SHA512    SHA256 SHA256

static const struct {
	const char *name;
	struct view octets;
	bool parses, usable;
} records[] = {
	{ "DANE-EE, key, SHA-256", ROW("\3\1\1" SHA256), true, true },
	{ "DANE-EE, certificate, SHA-512", ROW("\3\0\2" SHA512), true, true },
	{ "DANE-TA, certificate, whole", ROW("\2\0\0x"), true, true },
	{ "PKIX-TA", ROW("\0\0\1" SHA256), true, false },
	{ "PKIX-EE", ROW("\1\1\1" SHA256), true, false },
	{ "usage 4", ROW("\4\1\1" SHA256), true, false },
	{ "usage 255", ROW("\xff\1\1" SHA256), true, false },
	{ "selector 2", ROW("\3\2\1" SHA256), true, false },
	{ "matching type 3", ROW("\3\1\3" SHA256), true, false },
	{ "SHA-256, short", ROW("\3\1\1" OCTETS_31), true, false },
	{ "SHA-256, long", ROW("\3\1\1" SHA256 "x"), true, false },
	{ "SHA-512, short", ROW("\3\1\2" SHA256), true, false },
	{ "whole, but empty", ROW("\3\1\0"), true, false },
	{ "too short", ROW("\3\1"), false, false },
	{ "empty", ROW(""), false, false },
};

static void
one_record(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(records); i++) {
		struct tlsa record;
		bool parses = tlsa_parse(records[i].octets, &record);

		if (parses != records[i].parses)
			fail_msg("%s: parses", records[i].name);
		if (parses && tlsa_is_usable(&record) != records[i].usable)
			fail_msg("%s: usable", records[i].name);
	}
}

static void
a_list(void **state)
{
	struct str list = { 0 };
	struct tlsa record;
	struct view rest;

	(void)state;
	assert_true(tlsa_add(&list, VIEW("\3\1\1one")));
	assert_true(tlsa_add(&list, VIEW("\2\0\0")));
	rest = str_view(&list);
	assert_true(tlsa_next(&rest, &record));
	assert_int_equal(record.usage, 3);
	assert_int_equal(record.selector, 1);
	assert_int_equal(record.matching, 1);
	assert_view_equal(record.data, VIEW("one"));
	assert_true(tlsa_next(&rest, &record));
	assert_int_equal(record.usage, TLSA_TA);
	assert_int_equal(record.data.len, 0);
	assert_false(tlsa_next(&rest, &record));
	assert_int_equal(rest.len, 0);
	str_free(&list);
}

static void
a_broken_list(void **state)
{
	static const struct view lists[] = { ROW("\0"), ROW("\0\2\3\1"),
		ROW("\0\4\3\1\1"), ROW("\0\0") };
	struct tlsa record;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(lists); i++) {
		struct view rest = lists[i];

		assert_false(tlsa_next(&rest, &record));
		assert_int_equal(rest.len, lists[i].len); /* what is left tells */
	}
}

static void
a_long_list(void **state)
{
	static char octets[TLSA_LIST_MAX];
	struct str list = { 0 };

	(void)state;
	assert_false(tlsa_add(&list, (struct view) { octets, TLSA_LIST_MAX - 1 }));
	assert_int_equal(list.len, 0);
	assert_true(tlsa_add(&list, (struct view) { octets, TLSA_LIST_MAX - 2 }));
	assert_false(tlsa_add(&list, VIEW("")));
	assert_int_equal(list.len, TLSA_LIST_MAX);
	str_free(&list);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_record),
		cmocka_unit_test(a_list),
		cmocka_unit_test(a_broken_list),
		cmocka_unit_test(a_long_list),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
