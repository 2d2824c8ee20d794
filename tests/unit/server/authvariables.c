/* authvariables: what a login sets and unsets, in our environment and the children's, and that it is all
 * as it was when the login is forgotten. */
#include "server/authvariables.h"

#include <stdlib.h>

#include "server/session.h"
#include "unit/unit.h"

static const char *
child_value(struct session *s, const char *name)
{
	struct env_list *env = session_environment(s);
	size_t i, len = strlen(name);

	for (i = 0; i < env->count; i++)
		if (strncmp(env->entries[i], name, len) == 0 &&
		    env->entries[i][len] == '=')
			return env->entries[i] + len + 1;
	return NULL;
}

static void
set_and_unset(void **state)
{
	struct settings settings = { .databytes = 10 };
	struct session s = { .settings = &settings, .relay_client = "" };

	(void)state;
	setenv("OLD", "old", 1);
	setenv("DATABYTES", "10", 1);
	setenv("AUTH_SET_DATABYTES", "20", 1);
	setenv("AUTH_SET_NEW", "new", 1);
	setenv("AUTH_SET_LD_PRELOAD", "/nowhere.so", 1);
	setenv("AUTH_UNSET_OLD", "", 1);
	str_set(&s.auth.senders, VIEW("a@b\n NEW=newer\n RELAYCLIENT=.out\n PATH=/x\n"));
	s.spf.known = s.mfcheck.known = true;

	assert_true(authvariables_apply(&s));
	assert_true(settings.databytes == 20);
	assert_null(getenv("OLD"));
	assert_null(child_value(&s, "OLD"));
	assert_string_equal(getenv("NEW"), "newer");
	assert_string_equal(child_value(&s, "NEW"), "newer");
	assert_string_equal(s.relay_client, ".out");
	assert_null(getenv("LD_PRELOAD"));
	assert_string_not_equal(getenv("PATH"), "/x");
	assert_false(s.spf.known || s.mfcheck.known);

	authvariables_undo(&s);
	assert_true(settings.databytes == 10);
	assert_string_equal(getenv("OLD"), "old");
	assert_string_equal(getenv("DATABYTES"), "10");
	assert_null(getenv("NEW"));
	assert_null(getenv("RELAYCLIENT"));
	env_list_free(&s.environment);
	str_free(&s.auth.senders);
	policy_free(&settings.policy);
}

static void
nothing_to_set(void **state)
{
	struct settings settings = { .databytes = 77 };
	struct session s = { .settings = &settings, .relay_client = "" };

	(void)state;
	unsetenv("AUTH_SET_DATABYTES");
	unsetenv("AUTH_SET_NEW");
	unsetenv("AUTH_SET_LD_PRELOAD");
	unsetenv("AUTH_UNSET_OLD");
	assert_true(authvariables_apply(&s));
	assert_true(settings.databytes == 77); /* not even read */
	assert_string_equal(s.relay_client, "");
	authvariables_undo(&s);
	assert_true(settings.databytes == 77);
	env_list_free(&s.environment);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(set_and_unset),
		cmocka_unit_test(nothing_to_set),
	};

	return cmocka_run_group_tests(tests, unit_enter_directory, NULL);
}
