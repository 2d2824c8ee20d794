/* vdelivermail: which .qmail-default sends back what is for nobody, and where its users are. */
#include "users/vdelivermail.h"

#include <stdio.h>

#include "unit/unit.h"

static const struct {
	const char *file, *program; /* NULL: it does something else */
} files[] = {
	{ "| /v/bin/vdelivermail '' bounce-no-mailbox\n", "/v/bin/vdelivermail" },
	{ "|/v/bin/vdelivermail \"\" bounce-no-mailbox", "/v/bin/vdelivermail" },
	{ "|\t/v/bin/vdelivermail\t''  bounce-no-mailbox \t\n", "/v/bin/vdelivermail" },
	{ "# vpopmail's\n\n| /v/bin/vdelivermail '' bounce-no-mailbox\n#\n",
	    "/v/bin/vdelivermail" },
	{ "", NULL },
	{ "\n", NULL },
	{ "#| /v/bin/vdelivermail '' bounce-no-mailbox\n", NULL },
	{ "/v/bin/vdelivermail '' bounce-no-mailbox\n", NULL },
	{ " | /v/bin/vdelivermail '' bounce-no-mailbox\n", NULL },
	{ "| /v/bin/vdelivermail '' delete\n", NULL },
	{ "| /v/bin/vdelivermail '' /v/domains/one.example/catch\n", NULL },
	{ "| /v/bin/vdelivermail '' bounce-no-mailbox x\n", NULL },
	{ "| /v/bin/vdelivermail '' bounce-no-mailbox; true\n", NULL },
	{ "| /v/bin/vdelivermail x bounce-no-mailbox\n", NULL },
	{ "| /v/bin/vdelivermail bounce-no-mailbox\n", NULL },
	{ "| vdelivermail '' bounce-no-mailbox\n", NULL },
	{ "| /v/bin/xvdelivermail '' bounce-no-mailbox\n", NULL },
	{ "| filter; /v/bin/vdelivermail '' bounce-no-mailbox\n", NULL },
	{ "| preline /v/bin/vdelivermail '' bounce-no-mailbox\n", NULL },
	{ "&x@y\n| /v/bin/vdelivermail '' bounce-no-mailbox\n", NULL },
	{ "| /v/bin/vdelivermail '' bounce-no-mailbox\n./Maildir/\n", NULL },
};

static void
bounces(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(files); i++) {
		struct view program = VIEW("untouched");
		bool bounces = vdelivermail_bounces(view_of(files[i].file), &program);
		const char *expected = files[i].program;

		if (bounces != (expected != NULL) ||
		    !view_equal(program, view_of(expected ? expected : "untouched")))
			fail_msg("%s", files[i].file);
	}
}

static const struct {
	const char *text; /* NULL: no such file */
	bool asks;
} libraries[] = {
	{ NULL, false },
	{ "-L/v/lib -lvpopmail  -lcrypt\n", false },
	{ "-L/v/lib -lvpopmail -L/usr/lib/mysql -lmysqlclient -lz -lm\n", true },
	{ "-L/v/lib -lvpopmail -L/usr/local/pgsql/lib -lpq -lcrypt\n", true },
	{ "-L/v/lib -lvpopmail -lldap -llber\n", true },
};

static void
asks_servers(void **state)
{
	char home[] = "/tmp/qferry-vdelivermail.XXXXXX", deps[64];
	struct str program = { 0 };
	size_t i;

	(void)state;
	assert_non_null(mkdtemp(home));
	assert_int_equal(chdir(home), 0);
	assert_int_equal(mkdir("bin", 0700), 0);
	assert_int_equal(mkdir("etc", 0700), 0);
	snprintf(deps, sizeof deps, "%s/etc/lib_deps", home);
	str_append_text(&program, home);
	str_append_text(&program, "/bin/vdelivermail");
	for (i = 0; i < COUNT(libraries); i++) {
		if (libraries[i].text) {
			int fd = open(deps, O_WRONLY | O_CREAT | O_TRUNC, 0600);

			assert_int_equal(fd_write_all(fd, view_of(libraries[i].text)), 0);
			close(fd);
		}
		assert_int_equal(
		    vdelivermail_asks_servers(str_view(&program)), libraries[i].asks);
	}
	str_free(&program);
	unlink(deps);
	assert_int_equal(rmdir("bin") | rmdir("etc") | chdir("/") | rmdir(home), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bounces),
		cmocka_unit_test(asks_servers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
