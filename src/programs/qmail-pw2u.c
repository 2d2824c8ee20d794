/* qmail-pw2u - write users/assign from a passwd file.  See qmail-pw2u(8). */
#include <errno.h>
#include <stdbool.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config/control.h"
#include "config/domainmap.h"
#include "lib/complain.h"
#include "lib/program.h"
#include "lib/reader.h"
#include "lib/writer.h"
#include "os/os.h"
#include "users/passwdassign.h"

enum {
	EXIT_USAGE = 100,
	EXIT_FAILED = 111,
	BUFFER = 65536,
	LINE_MAX_OCTETS = 1024 * 1024,
};

static const struct view catchall_user = { "alias", sizeof "alias" - 1 };

/* What is done about a home that is missing or somebody else's. */
enum homes {
	HOMES_SKIP, /* -o: no such account */
	HOMES_MUST, /* -h: one that is missing is an error */
	HOMES_ANY,  /* -H: not looked at */
};

/* A file of users/ that says something about names. */
struct names {
	bool present;
	struct str text;
	struct domainmap map;
};

struct conversion {
	struct passwdassign how;
	enum homes homes;
	bool take_upper; /* -u: names with capital letters, too */
	struct names include, exclude, mailnames;
	struct str accounts; /* "name:middle" of each, for subusers */
	bool has_alias;
	struct writer out;
	char out_buffer[BUFFER];
};

static _Noreturn void
out_of_memory(void)
{
	os_exit_saying(STDERR_FILENO, "qmail-pw2u: fatal: out of memory\n", EXIT_FAILED);
}

static _Noreturn void
fail(const char *what)
{
	complain("qmail-pw2u: fatal: ", what, (char *)NULL);
	_exit(EXIT_FAILED);
}

static _Noreturn void
fail_about(const char *before, struct view name, const char *after)
{
	struct str text = { 0 };

	str_append_text(&text, before);
	str_append(&text, name);
	str_append_text(&text, after);
	fail(str_text(&text));
}

/* --- what we are told ------------------------------------------------------------------------- */

static void
read_options(struct conversion *c, int argc, char **argv)
{
	int option;

	c->how.separator = '-';
	opterr = 0;
	while ((option = getopt(argc, argv, "+/ohHuUc:C")) != -1)
		switch (option) {
		case '/':
			c->how.slash = true;
			break;
		case 'o':
			c->homes = HOMES_SKIP;
			break;
		case 'h':
			c->homes = HOMES_MUST;
			break;
		case 'H':
			c->homes = HOMES_ANY;
			break;
		case 'u':
		case 'U':
			c->take_upper = option == 'u';
			break;
		case 'c':
			c->how.separator = optarg[0];
			break;
		case 'C':
			c->how.separator = '\0';
			break;
		default:
			complain("qmail-pw2u: usage: qmail-pw2u [ -/ohHuUC ] [ -c char ] "
				 "<passwd >assign",
			    (char *)NULL);
			_exit(EXIT_USAGE);
		}
}

static void
read_names(struct names *n, const char *path, char separator)
{
	enum answer answer = control_bytes(path, &n->text, NULL);

	if (answer == ANSWER_ERROR)
		fail("unable to read controls");
	n->present = answer == ANSWER_YES;
	domainmap_of(&n->map, str_view(&n->text), separator);
}

/* --- the accounts ----------------------------------------------------------------------------- */

static bool
has_upper(struct view name)
{
	size_t i;

	for (i = 0; i < name.len; i++)
		if (name.at[i] >= 'A' && name.at[i] <= 'Z')
			return true;
	return false;
}

static bool
owns_home(const struct conversion *c, const struct passwdassign_account *a)
{
	struct str home = { 0 };
	struct stat st;
	int status;

	if (c->homes == HOMES_ANY)
		return true;
	str_set(&home, a->home);
	status = stat(str_text(&home), &st);
	str_free(&home);
	if (status < 0 && (errno != ENOENT || c->homes == HOMES_MUST))
		fail_about("unable to stat ", a->home, "");
	return status == 0 && st.st_uid == a->number;
}

static bool
is_wanted(const struct conversion *c, const struct passwdassign_account *a)
{
	if (a->number == 0 || (!c->take_upper && has_upper(a->user)))
		return false;
	if (c->include.present && !domainmap_find(&c->include.map, a->user, NULL))
		return false;
	if (c->exclude.present && domainmap_find(&c->exclude.map, a->user, NULL))
		return false;
	return owns_home(c, a);
}

static void
put_account(struct conversion *c, const struct passwdassign_account *a)
{
	struct str middle = { 0 }, lines = { 0 };
	struct domainmap_hit names;

	passwdassign_append_middle(&middle, a);
	str_append(&c->accounts, a->user);
	str_append(&c->accounts, str_view(&middle));
	str_append_byte(&c->accounts, '\n');
	if (view_equal(a->user, catchall_user)) {
		passwdassign_append_catchall(&lines, &c->how, str_view(&middle));
		c->has_alias = true;
	}
	if (!domainmap_find(&c->mailnames.map, a->user, &names))
		names.value = a->user;
	passwdassign_append_names(&lines, &c->how, names.value, str_view(&middle));
	writer_put(&c->out, str_view(&lines));
	str_free(&middle);
	str_free(&lines);
}

static void
take_account(struct conversion *c, struct view line)
{
	struct passwdassign_account account;

	if (passwdassign_parse(line, &account) && is_wanted(c, &account))
		put_account(c, &account);
}

/* --- subusers, and lines that are given ------------------------------------------------------- */

static void
take_subuser(struct conversion *c, const struct domainmap *accounts, struct view line)
{
	struct passwdassign_sub sub;
	struct domainmap_hit account;
	struct str middle = { 0 }, lines = { 0 };

	if (!passwdassign_parse_sub(line, &sub))
		return;
	if (!domainmap_find(accounts, sub.user, &account))
		fail_about("unable to find ", sub.user, " user for subuser");
	if (!sub.is_whole)
		return;
	str_append_byte(&middle, ':');
	str_append(&middle, account.value);
	passwdassign_append_sub(&lines, &c->how, &sub, str_view(&middle));
	writer_put(&c->out, str_view(&lines));
	str_free(&middle);
	str_free(&lines);
}

static void
put_subusers(struct conversion *c)
{
	struct str text = { 0 };
	struct domainmap accounts = { 0 };
	struct view rest, line;

	if (control_bytes("users/subusers", &text, NULL) == ANSWER_ERROR)
		fail("unable to read controls");
	domainmap_of(&accounts, str_view(&c->accounts), ':');
	for (rest = str_view(&text); rest.len > 0; rest = view_from(rest, line.len + 1)) {
		line = view_first(rest, view_index(rest, '\n'));
		take_subuser(c, &accounts, line);
	}
	domainmap_free(&accounts);
	str_free(&text);
}

static void
put_appended(struct conversion *c)
{
	struct str text = { 0 };

	if (control_bytes("users/append", &text, NULL) == ANSWER_ERROR)
		fail("unable to read controls");
	if (text.len > 0 && text.at[text.len - 1] != '\n')
		str_append_byte(
		    &text, '\n'); /* or the "." below would end its last line */
	writer_put(&c->out, str_view(&text));
	str_free(&text);
}

/* The lines of descriptor 0. */
static void
put_accounts(struct conversion *c)
{
	char buffer[BUFFER];
	struct reader in;
	struct str line = { 0 };
	enum reader_status status;

	reader_init(&in, STDIN_FILENO, buffer, sizeof buffer, -1, NULL);
	do {
		str_clear(&line);
		status = reader_line(&in, &line, LINE_MAX_OCTETS);
		if (status != READER_OK && status != READER_EOF)
			fail("unable to read input");
		take_account(c, str_view(&line));
	} while (status == READER_OK);
	str_free(&line);
}

int
main(int argc, char **argv)
{
	struct conversion c = { 0 };

	program_start(out_of_memory);
	writer_init(&c.out, STDOUT_FILENO, c.out_buffer, sizeof c.out_buffer, -1);
	read_options(&c, argc, argv);
	if (program_enter_home() < 0)
		fail("unable to chdir");
	read_names(&c.include, "users/include", '\0');
	read_names(&c.exclude, "users/exclude", '\0');
	read_names(&c.mailnames, "users/mailnames", ':');

	put_accounts(&c);
	if (!c.has_alias)
		fail_about("unable to find ", catchall_user, " user");
	put_subusers(&c);
	put_appended(&c);
	writer_text(&c.out, ".\n");
	if (writer_flush(&c.out) < 0)
		fail("unable to write output");
	return 0;
}
