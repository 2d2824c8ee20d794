/* rules: whose sender is rewritten, and what the control files say. */
#include "srs/rules.h"
#include "config/cdbwriter.h"
#include "unit/unit.h"

static const int64_t NOW = (int64_t)20785 * 86400;

static void
set(const char *name, const char *text)
{
	struct str path = { 0 };

	str_append_text(&path, "control/");
	str_append_text(&path, name);
	if (text)
		unit_write_file(str_text(&path), view_of(text));
	else
		unlink(str_text(&path));
	str_free(&path);
}

static int
usual(void **state)
{
	static const char *const others[] = { "srs_maxage", "srs_hashlength",
		"srs_hashmin", "srs_separator", "srs_alwaysrewrite",
		"morercpthosts.cdb" };
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(others); i++)
		set(others[i], NULL);
	set("srs_domain", "srs.example.net\n");
	set("srs_secrets", "# turned last week\ntops3cr3t\n\nolder  \n");
	set("rcpthosts", "example.net\n.wild.example\nsrs.example.net\n");
	return 0;
}

static void
becomes(const char *sender, const char *expected)
{
	struct problem problem;
	struct str s = { 0 };
	bool same = strcmp(sender, expected) == 0;

	str_append_text(&s, sender);
	assert_int_equal(
	    srs_rules_rewrite(&s, NOW, &problem), same ? ANSWER_NO : ANSWER_YES);
	assert_string_equal(str_text(&s), expected);
	str_free(&s);
}

static void
whose(void **state)
{
	static const char *const kept[] = { "", "#@[]", "list-@lists.example-@[]",
		"nobody", "@example.com", "ann@example.net", "ann@EXAMPLE.net",
		"ann@a.b.wild.example", "SRS0=x@srs.example.net",
		"SRS1=broken@x.example" };
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(kept); i++)
		becomes(kept[i], kept[i]);
	becomes("joe@example.com", "SRS0=DT2X=JR=example.com=joe@srs.example.net");
	becomes("ann@wild.example",
	    "SRS0=9wTI=JR=wild.example=ann@srs.example.net"); /* not below it */
	set("rcpthosts", NULL);
	becomes("joe@example.com", "SRS0=DT2X=JR=example.com=joe@srs.example.net");
	becomes("x@srs.example.net", "x@srs.example.net");
}

static void
more_hosts(void **state)
{
	struct cdbwriter *w = cdbwriter_open("control/cdb.tmp");

	(void)state;
	assert_non_null(w);
	assert_int_equal(cdbwriter_add(w, VIEW("one.example"), VIEW("")), 0);
	assert_int_equal(cdbwriter_add(w, VIEW(".two.example"), VIEW("")), 0);
	assert_int_equal(cdbwriter_commit(w, "control/morercpthosts.cdb"), 0);
	becomes("a@One.Example", "a@One.Example");
	becomes("a@b.two.example", "a@b.two.example");
	becomes("joe@example.com", "SRS0=DT2X=JR=example.com=joe@srs.example.net");
}

static void
always(void **state)
{
	(void)state;
	set("srs_alwaysrewrite", "1\n");
	becomes("ann@example.net", "SRS0=orEF=JR=example.net=ann@srs.example.net");
	becomes("#@[]", "#@[]");
	becomes("", "");
}

static void
off(void **state)
{
	(void)state;
	set("srs_secrets", NULL);
	set("srs_domain", NULL);
	becomes("joe@example.com", "joe@example.com");
	set("srs_domain", "\n");
	becomes("joe@example.com", "joe@example.com");
}

static void
numbers(void **state)
{
	struct srs_rules rules = { 0 };
	struct problem problem;

	(void)state;
	assert_int_equal(srs_rules_read(&rules, &problem), ANSWER_YES);
	assert_int_equal(rules.srs.max_age, 21);
	assert_int_equal(rules.srs.hash_length, 4);
	assert_int_equal(rules.srs.hash_min, 4);
	assert_int_equal(rules.srs.secret_count, 2);
	assert_view_equal(rules.srs.secrets[1], VIEW("older"));
	assert_int_equal(rules.srs.separator, '=');
	srs_rules_free(&rules);

	set("srs_maxage", "7\n");
	set("srs_hashlength", "8\n");
	set("srs_hashmin", "6\n");
	set("srs_separator", "+\n");
	assert_int_equal(srs_rules_read(&rules, &problem), ANSWER_YES);
	assert_int_equal(rules.srs.max_age, 7);
	assert_int_equal(rules.srs.hash_length, 8);
	assert_int_equal(rules.srs.hash_min, 6);
	assert_int_equal(rules.srs.separator, '+');
	srs_rules_free(&rules);

	set("srs_maxage", "0\n");
	set("srs_hashlength", "1000\n");
	set("srs_hashmin", "99\n");
	set("srs_separator", "x\n");
	assert_int_equal(srs_rules_read(&rules, &problem), ANSWER_YES);
	assert_int_equal(rules.srs.max_age, 21);
	assert_int_equal(rules.srs.hash_length, SRS_HASH_MAX);
	assert_int_equal(rules.srs.hash_min, SRS_HASH_MAX);
	assert_int_equal(rules.srs.separator, '=');
	srs_rules_free(&rules);
}

static void
fails(const char *file)
{
	struct problem problem;
	struct str s = { 0 };

	str_append_text(&s, "joe@example.com");
	assert_int_equal(srs_rules_rewrite(&s, NOW, &problem), ANSWER_ERROR);
	assert_string_equal(problem.where, file);
	assert_string_equal(str_text(&s), "joe@example.com");
	str_free(&s);
}

/* What cannot be told is no "no". */
static void
unreadable(void **state)
{
	static const char *const files[] = { "srs_domain", "srs_secrets", "srs_maxage",
		"srs_hashlength", "srs_hashmin", "srs_separator", "srs_alwaysrewrite",
		"rcpthosts", "morercpthosts.cdb" };
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(files); i++) {
		struct str path = { 0 };

		str_append_text(&path, "control/");
		str_append_text(&path, files[i]);
		unlink(str_text(&path));
		assert_int_equal(mkdir(str_text(&path), 0755), 0);
		fails(str_text(&path));
		assert_int_equal(rmdir(str_text(&path)), 0);
		str_free(&path);
		usual(NULL);
	}
	set("srs_secrets", NULL);
	fails("control/srs_secrets");
	set("srs_secrets", "# none\n");
	fails("control/srs_secrets");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(whose, usual),
		cmocka_unit_test_setup(more_hosts, usual),
		cmocka_unit_test_setup(always, usual),
		cmocka_unit_test_setup(off, usual),
		cmocka_unit_test_setup(numbers, usual),
		cmocka_unit_test_setup(unreadable, usual),
	};

	return cmocka_run_group_tests(tests, unit_enter_directory, NULL);
}
