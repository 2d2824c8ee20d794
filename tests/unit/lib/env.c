/* env: a child's environment, also one with names twice or without a value. */
#include "lib/env.h"
#include "unit/unit.h"

extern char **environ;

/* How often `entry` ("A=1", or "A=" for any value of A) is in the list. */
static int
count(struct env_list *list, const char *entry)
{
	char *const *at = env_list_array(list);
	size_t len = strlen(entry);
	int n = 0;

	for (; *at; at++)
		n += strncmp(*at, entry, len) == 0 &&
		    (entry[len - 1] == '=' || strlen(*at) == len);
	return n;
}

static void
set_unset_and_change(void **state)
{
	struct env_list list = { 0 };

	(void)state;
	assert_null(env_list_array(&list)[0]);
	env_list_set(&list, "A", VIEW("1"));
	env_list_set(&list, "AB", VIEW("2"));
	env_list_set(&list, "A", BYTES("3\0hidden"));
	env_list_set(&list, "EMPTY", (struct view) { NULL, 0 });
	assert_int_equal(list.count, 3);
	assert_int_equal(count(&list, "A=3"), 1);
	assert_int_equal(count(&list, "AB=2"), 1);
	assert_int_equal(count(&list, "EMPTY="), 1);
	env_list_unset(&list, "A");
	env_list_unset(&list, "NONE");
	assert_int_equal(count(&list, "A="), 0);
	assert_int_equal(count(&list, "AB=2"), 1);
	env_list_free(&list);
}

static void
a_value_may_come_from_the_list(void **state)
{
	struct env_list list = { 0 };

	(void)state;
	env_list_set(&list, "A", VIEW("value"));
	env_list_set(&list, "A", view_of(env_list_array(&list)[0] + 2));
	assert_int_equal(count(&list, "A=value"), 1);
	env_list_free(&list);
}

static void
our_own_changes_and_is_inherited(void **state)
{
	static char entry[] = "UNIT_OWN=1";
	struct env_list list = { 0 }, copy = { 0 };

	(void)state;
	env_put(entry);
	assert_string_equal(env_value("UNIT_OWN"), "1");
	env_list_inherit(&list);
	env_list_copy(&copy, &list);
	assert_int_equal(copy.count, list.count);
	env_list_free(&list);
	assert_int_equal(count(&copy, "UNIT_OWN=1"), 1);
	env_list_free(&copy);
	env_unset("UNIT_OWN");
	assert_null(env_value("UNIT_OWN"));
}

static void
names_given_twice_go_together(void **state)
{
	static char one[] = "TWICE=1", two[] = "TWICE=2", bare[] = "BARE",
		    other[] = "X=y";
	char *entries[] = { one, bare, other, two, NULL }, **saved = environ;
	struct env_list list = { 0 };

	(void)state;
	environ = entries;
	env_list_inherit(&list);
	environ = saved;
	env_list_set(&list, "TWICE", VIEW("3"));
	assert_int_equal(count(&list, "TWICE="), 1);
	assert_int_equal(count(&list, "TWICE=3"), 1);
	env_list_unset(&list, "TWICE");
	assert_int_equal(count(&list, "TWICE="), 0);
	assert_int_equal(count(&list, "X=y"), 1);
	env_list_free(&list);
}

/* Those that came with the others, and our own, in any order. */
static void
inherited_ones_and_ours_go(void **state)
{
	static char a[] = "A=1", b[] = "B=2", c[] = "C=3";
	char *entries[] = { a, b, c, NULL }, **saved = environ;
	struct env_list list = { 0 };

	(void)state;
	environ = entries;
	env_list_inherit(&list);
	environ = saved;
	env_list_set(&list, "D", VIEW("4"));
	env_list_set(&list, "B", VIEW("5"));
	assert_string_equal(env_list_value(&list, "A"), "1");
	assert_string_equal(env_list_value(&list, "B"), "5");
	env_list_unset(&list, "A");
	env_list_unset(&list, "D");
	env_list_unset(&list, "C");
	assert_null(env_list_value(&list, "A"));
	assert_int_equal(list.count, 1);
	assert_int_equal(count(&list, "B=5"), 1);
	env_list_free(&list);
}

static void
many(void **state)
{
	struct env_list list = { 0 };
	char name[4] = "A00";
	int i;

	(void)state;
	for (i = 0; i < 100; i++) {
		name[1] = (char)('0' + i / 10);
		name[2] = (char)('0' + i % 10);
		env_list_set(&list, name, VIEW("x"));
	}
	assert_int_equal(list.count, 100);
	assert_null(env_list_array(&list)[100]);
	env_list_free(&list);
}

static void
values_of_ours(void **state)
{
	(void)state;
	assert_int_equal(setenv("UNIT_EMPTY", "", 1), 0);
	assert_int_equal(unsetenv("UNIT_NONE"), 0);
	assert_string_equal(env_value("UNIT_EMPTY"), "");
	assert_null(env_value("UNIT_NONE"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(set_unset_and_change),
		cmocka_unit_test(a_value_may_come_from_the_list),
		cmocka_unit_test(our_own_changes_and_is_inherited),
		cmocka_unit_test(names_given_twice_go_together),
		cmocka_unit_test(inherited_ones_and_ours_go),
		cmocka_unit_test(many),
		cmocka_unit_test(values_of_ours),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
