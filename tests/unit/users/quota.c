/* quota: quotas as vpopmail writes them, maildirsize, and how much of the one is the other. */
#include "users/quota.h"

#include "unit/unit.h"

static const struct {
	const char *text;
	bool good;
	uint64_t octets, messages;
} quotas[] = {
	{ "NOQUOTA", true, 0, 0 },
	{ "noquota", true, 0, 0 },
	{ "10485760S", true, 10485760, 0 },
	{ "10485760", true, 10485760, 0 },
	{ "10485760S,1000C", true, 10485760, 1000 },
	{ "1000C,10S", true, 10, 1000 },
	{ "0S", true, 0, 0 },
	{ "1k", true, 1024, 0 },
	{ "2KB", true, 2048, 0 },
	{ "10M", true, 10485760, 0 },
	{ "10mb", true, 10485760, 0 },
	{ "3G", true, (uint64_t)3 << 30, 0 },
	{ "99999999999999999999S", true, UINT64_MAX, 0 },
	{ "99999999999999999999M", true, 0, 0 },
	{ "", false, 0, 0 },
	{ "S", false, 0, 0 },
	{ "-1S", false, 0, 0 },
	{ "10S,", false, 0, 0 },
	{ "10X", false, 0, 0 },
	{ "10 S", false, 0, 0 },
	{ "NOQUOTA,1S", false, 0, 0 },
};

static void
reads_quotas(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(quotas); i++) {
		struct quota quota = { 7, 7 };
		bool good = quota_parse(view_of(quotas[i].text), &quota);

		if (good != quotas[i].good ||
		    (good && quota.octets != quotas[i].octets) ||
		    (good && quota.messages != quotas[i].messages) ||
		    (!good && (quota.octets != 7 || quota.messages != 7)))
			fail_msg("%s", quotas[i].text);
	}
}

static const struct {
	const char *bytes;
	bool good;
	uint64_t octets, messages;
} sizes[] = {
	{ "1000S\n", true, 0, 0 },
	{ "1000S\n500 5\n", true, 500, 5 },
	{ "1000S\n500 5", true, 500, 5 },
	{ "1000S\n         500            5\n", true, 500, 5 },
	{ "1000S\n500 5\n-200 -1\n", true, 300, 4 },
	{ "1000S\n-200 -1\n500 5\n", true, 300, 4 },
	{ "1000S\n-500 -5\n", true, 0, 0 },
	{ "\n1 1 \n", true, 1, 1 },
	{ "1000S\n99999999999999999999 1\n1 1\n", true, UINT64_MAX, 2 },
	{ "", false, 0, 0 },
	{ "1000S", false, 0, 0 },
	{ "1000S\n\n", false, 0, 0 },
	{ "1000S\n500\n", false, 0, 0 },
	{ "1000S\n500 x\n", false, 0, 0 },
	{ "1000S\n500 5 5\n", false, 0, 0 },
	{ "1000S\n- 5\n", false, 0, 0 },
	{ "1000S\n--5 5\n", false, 0, 0 },
};

static void
adds_up(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(sizes); i++) {
		struct quota used = { 7, 7 };
		bool good = quota_parse_maildirsize(view_of(sizes[i].bytes), &used);

		if (good != sizes[i].good || (good && used.octets != sizes[i].octets) ||
		    (good && used.messages != sizes[i].messages) ||
		    (!good && (used.octets != 7 || used.messages != 7)))
			fail_msg("%zu: %s", i, sizes[i].bytes);
	}
}

static const struct {
	struct quota quota, used;
	uint64_t percent;
} fills[] = {
	{ { 0, 0 }, { 1000, 1000 }, 0 },
	{ { 1000, 0 }, { 0, 5 }, 0 },
	{ { 1000, 0 }, { 899, 5 }, 89 },
	{ { 1000, 0 }, { 900, 5 }, 90 },
	{ { 1000, 10 }, { 100, 5 }, 50 },
	{ { 1000, 10 }, { 600, 5 }, 60 },
	{ { 1, 0 }, { 1000, 0 }, 100000 },
	{ { UINT64_MAX, 0 }, { UINT64_MAX, 0 }, 100 },
	{ { UINT64_MAX, 0 }, { UINT64_MAX / 2, 0 }, 50 },
	{ { 1, 0 }, { UINT64_MAX, 0 }, UINT64_MAX },
};

static void
compares(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(fills); i++)
		assert_int_equal(
		    quota_percent(&fills[i].quota, &fills[i].used), fills[i].percent);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_quotas),
		cmocka_unit_test(adds_up),
		cmocka_unit_test(compares),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
