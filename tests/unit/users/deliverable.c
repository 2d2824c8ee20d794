/* deliverable: from recipient to answer, over tables in place of the machine. */
#include "users/deliverable.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Accounts by local part (as qmail-lspawn would find them), and the files in their homes. */
static const struct {
	const char *local, *home, *dash, *ext;
} accounts[] = {
	{ "joe", "/joe", "", "" },
	{ "joe-x", "/joe", "-", "x" },
	{ "joe-List-Ann", "/joe", "-", "List-Ann" },
	{ "joe-a/b", "/joe", "-", "a/b" },
	{ "joe-a..b", "/joe", "-", "a..b" },
	{ "joe-bob", "/joe", "-", "bob" },
	{ "shut", "/shut", "", "" },
	{ "shut-x", "/shut", "-", "x" },
	{ "lost-x", "/lost", "-", "x" },
	{ "half-x", "/half", "-", "x" },
	{ "half-y", "/half", "-", "y" },
	{ "sick-x", "/sick", "-", "x" },
	{ "all-x", "/all", "-", "x" },
	{ "all-gone", "/all", "-", "gone" },
	{ "joe-list-gone", "/joe", "-", "list-gone" },
	{ "v-w-joe", "/all", "-", "joe" },
};

static const struct {
	const char *home, *name; /* name NULL: the home itself */
	enum dotqmail state;
} files[] = {
	{ "/joe", NULL, DOTQMAIL_PRESENT },
	{ "/joe", ".qmail-list-default", DOTQMAIL_PRESENT },
	{ "/joe", ".qmail-a/b", DOTQMAIL_PRESENT },
	{ "/joe", ".qmail-a::b", DOTQMAIL_PRESENT },
	{ "/joe", ".qmail-bob", DOTQMAIL_PRESENT },
	{ "/shut", NULL, DOTQMAIL_FORBIDDEN },
	{ "/lost", NULL, DOTQMAIL_FAILED },
	{ "/half", NULL, DOTQMAIL_PRESENT },
	{ "/half", ".qmail-x", DOTQMAIL_FORBIDDEN },
	{ "/sick", NULL, DOTQMAIL_PRESENT },
	{ "/sick", ".qmail-x", DOTQMAIL_FAILED },
	{ "/sick", ".qmail-default", DOTQMAIL_PRESENT },
	{ "/all", NULL, DOTQMAIL_PRESENT },
	{ "/all", ".qmail-default", DOTQMAIL_PRESENT },
};

static bool
find_account(void *context, struct view local, struct account *out, const char **why)
{
	size_t i;

	(void)context;
	for (i = 0; i < sizeof accounts / sizeof *accounts; i++)
		if (view_equal(local, view_of(accounts[i].local))) {
			str_set(&out->home, view_of(accounts[i].home));
			str_set(&out->dash, view_of(accounts[i].dash));
			str_set(&out->ext, view_of(accounts[i].ext));
			return true;
		}
	*why = "no such account";
	return false;
}

static enum dotqmail
state_of(const char *home, const char *name)
{
	size_t i;

	for (i = 0; i < sizeof files / sizeof *files; i++)
		if (strcmp(files[i].home, home) == 0 && !files[i].name == !name &&
		    (!name || strcmp(files[i].name, name) == 0))
			return files[i].state;
	return DOTQMAIL_ABSENT;
}

static enum dotqmail
look_at_home(void *context, const struct account *account)
{
	(void)context;
	return state_of(str_text(&account->home), NULL);
}

static enum dotqmail
look_at_file(void *context, const struct account *account, const char *name)
{
	(void)context;
	return state_of(str_text(&account->home), name);
}

static enum deliverable
look_behind_default(void *context, const struct account *account, const char **why)
{
	(void)context;
	(void)why;
	return strcmp(str_text(&account->ext), "gone") == 0 ? DELIVERABLE_NO
							    : DELIVERABLE_YES;
}

static const struct {
	const char *recipient;
	enum deliverable expected;
} cases[] = {
	{ "joe@here", DELIVERABLE_YES },
	{ "joe@HERE", DELIVERABLE_YES },
	{ "joe", DELIVERABLE_YES }, /* envnoathost is here */
	{ "joe@there", DELIVERABLE_YES },
	{ "x@here.", DELIVERABLE_YES }, /* not a local domain */
	{ "@here", DELIVERABLE_YES },
	{ "joe-x@here", DELIVERABLE_NO },
	{ "joe-List-Ann@here", DELIVERABLE_YES },
	{ "joe-a/b@here", DELIVERABLE_YES },
	{ "joe-a..b@here", DELIVERABLE_YES },
	{ "nobody@here", DELIVERABLE_UNKNOWN },
	{ "shut@here", DELIVERABLE_YES },
	{ "shut-x@here", DELIVERABLE_UNREADABLE },
	{ "lost-x@here", DELIVERABLE_UNKNOWN },
	{ "half-x@here", DELIVERABLE_UNREADABLE },
	{ "half-y@here", DELIVERABLE_NO },
	{ "sick-x@here", DELIVERABLE_UNKNOWN },
	{ "all-x@here", DELIVERABLE_YES },
	{ "all-gone@here", DELIVERABLE_NO },
	{ "joe-list-gone@here", DELIVERABLE_YES }, /* .qmail-list-default answers */
	{ "bob@virtual", DELIVERABLE_YES },
	{ "x@virtual", DELIVERABLE_NO },
	{ "x@nowhere.virtual", DELIVERABLE_YES }, /* an empty prepend: remote */
	{ "joe@sub.wild", DELIVERABLE_YES },
	{ "one@list", DELIVERABLE_UNKNOWN }, /* joe-x-one, nobody we know */
	{ "two@list", DELIVERABLE_YES },
	{ "a@b@here", DELIVERABLE_UNKNOWN }, /* the last '@' counts */
	{ "bob%virtual@here", DELIVERABLE_YES },
	{ "x%virtual@here", DELIVERABLE_NO },
	{ "x%there@here", DELIVERABLE_YES },
};

static void
answers(void **state)
{
	struct routes routes = { 0 };
	struct deliverable_sources sources = { NULL, &routes, find_account, look_at_home,
		look_at_file, look_behind_default };
	size_t i;

	(void)state;
	route_table_parse(&routes.locals, VIEW("here\n"), 0);
	route_table_parse(&routes.virtualdomains,
	    VIEW("virtual:joe\n.virtual:\n.wild:v-w\none@list:joe-x\n"), ':');
	route_table_parse(&routes.percenthack, VIEW("here\n"), 0);
	str_set(&routes.envnoathost, VIEW("here"));
	for (i = 0; i < sizeof cases / sizeof *cases; i++) {
		const char *why = NULL;
		enum deliverable got =
		    deliverable(&sources, view_of(cases[i].recipient), &why);

		if (got != cases[i].expected)
			fail_msg("%s: %d", cases[i].recipient, (int)got);
		assert_int_equal(
		    got == DELIVERABLE_UNREADABLE || got == DELIVERABLE_UNKNOWN,
		    why != NULL);
	}
	routes_free(&routes);
}

static void
nul(void **state)
{
	struct routes routes = { 0 };
	struct deliverable_sources sources = { NULL, &routes, find_account, look_at_home,
		look_at_file, look_behind_default };
	const char *why = NULL;

	(void)state;
	assert_int_equal(
	    deliverable(&sources, VIEW("joe\0x@here"), &why), DELIVERABLE_UNKNOWN);
	assert_non_null(why);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answers),
		cmocka_unit_test(nul),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
