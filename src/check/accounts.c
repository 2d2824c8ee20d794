/* Who gets local mail: users/assign, and the aliases that every host needs. */
#include "check/check.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "users/account.h"
#include "users/assign.h"

static const char ASSIGN[] = "users/assign", ASSIGN_HINT[] = "see qmail-users(5)";

/* --- users/assign --------------------------------------------------------------------------------- */

static void
check_account(struct check *c, size_t number, struct view data)
{
	struct account account = { 0 };
	struct stat st;

	if (!account_parse(data, &account)) {
		finding_add(&c->out, FINDING_ERROR, ASSIGN, number, ASSIGN_HINT,
		    "uid or gid is no number: mail to it is put off", (char *)NULL);
		return;
	}
	if (account.uid == 0)
		finding_add(&c->out, FINDING_ERROR, ASSIGN, number, "another user",
		    "the uid is root's: nothing is ever delivered as root", (char *)NULL);
	else if (stat(str_text(&account.home), &st) < 0 && errno == ENOENT)
		finding_add(&c->out, FINDING_WARNING, ASSIGN, number, "make it",
		    "there is no directory ", str_text(&account.home),
		    ": mail to it is put off", (char *)NULL);
	account_free(&account);
}

/* True: the file ends here. */
static bool
check_assign_line(struct check *c, size_t number, struct view line)
{
	struct str key = { 0 }, data = { 0 };
	enum assign_line kind = assign_parse(line, &key, &data);

	if (kind == ASSIGN_MALFORMED)
		finding_add(&c->out, FINDING_ERROR, ASSIGN, number, ASSIGN_HINT,
		    line.len > 0 && line.at[0] == '#'
			? "there are no comments here: qmail-newu fails"
			: "not an assignment: qmail-newu fails",
		    (char *)NULL);
	else if (kind != ASSIGN_END)
		check_account(c, number, str_view(&data));
	if (kind == ASSIGN_EXACT && line.at[0] != '=')
		finding_add(&c->out, FINDING_WARNING, ASSIGN, number, ASSIGN_HINT,
		    "neither '=' nor '+' begins it: its first octet is lost",
		    (char *)NULL);
	str_free(&key);
	str_free(&data);
	return kind == ASSIGN_END;
}

static void
check_assign(struct check *c)
{
	struct str text = { 0 };
	struct view rest, line;
	bool ended = false;
	size_t number;

	if (control_bytes(ASSIGN, &text, NULL) == ANSWER_YES) {
		rest = str_view(&text);
		for (number = 1; !ended && view_cut(rest, '\n', &line, &rest); number++)
			ended = check_assign_line(c, number, line);
		if (!ended)
			finding_add(&c->out, FINDING_ERROR, ASSIGN, 0,
			    "put a line with a dot at the end",
			    "no line that begins with a dot ends it: qmail-newu fails",
			    (char *)NULL);
	}
	str_free(&text);
}

/* --- the aliases that every host needs ------------------------------------------------------------ */

static void
check_aliases(struct check *c)
{
	static const char *const needed[] = { "alias/.qmail-postmaster",
		"alias/.qmail-mailer-daemon", "alias/.qmail-root" };
	size_t i;

	if (c->has_no_queue || check_has("alias/.qmail-default"))
		return;
	if (!check_has("alias")) {
		finding_add(&c->out, FINDING_ERROR, "alias", 0, "setup/new-home makes it",
		    "missing: mail for postmaster, and for all who are no users, bounces",
		    (char *)NULL);
		return;
	}
	for (i = 0; i < sizeof needed / sizeof *needed; i++)
		if (!check_has(needed[i]) && access("alias", X_OK) == 0)
			finding_add(&c->out, FINDING_WARNING, needed[i], 0,
			    "write an address into it",
			    "missing: bounces that cannot be delivered are lost",
			    (char *)NULL);
}

void
check_users(struct check *c)
{
	check_assign(c);
	check_aliases(c);
}
