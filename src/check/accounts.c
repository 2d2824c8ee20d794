#define _GNU_SOURCE
/* Who gets local mail: users/assign, the aliases that every host needs, and .qmail files. */
#include "check/check.h"

#include <dirent.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/ascii.h"
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

/* --- .qmail files --------------------------------------------------------------------------------- */

static void
check_rights(struct check *c, const char *path, const struct stat *st)
{
	if (st->st_mode & S_IWOTH)
		finding_add(&c->out, FINDING_ERROR, path, 0, "chmod o-w",
		    "everybody may write it: mail to it is put off", (char *)NULL);
	else if ((st->st_mode & S_IWGRP) && S_ISREG(st->st_mode))
		finding_add(&c->out, FINDING_WARNING, path, 0, "chmod g-w",
		    "its group may write it", (char *)NULL);
	if (S_ISDIR(st->st_mode) && (st->st_mode & S_ISVTX))
		finding_add(&c->out, FINDING_WARNING, path, 0, "chmod -t",
		    "the sticky bit is set: mail to it is put off", (char *)NULL);
}

/* "./Maildir/": is it there? */
static void
check_maildirs(struct check *c, const char *directory, const char *path)
{
	struct control_list list = { 0 };
	size_t i;

	check_list_of(c, path, &list);
	for (i = 0; i < list.count; i++) {
		struct view line = list.entries[i].text;
		struct str maildir = { 0 };
		struct stat st;

		if (!view_ends(line, VIEW("/")) ||
		    (line.at[0] != '/' && !view_starts(line, VIEW("./"))))
			continue;
		if (line.at[0] != '/') {
			str_append_text(&maildir, directory);
			str_append_byte(&maildir, '/');
		}
		str_append(&maildir, line);
		if (stat(str_text(&maildir), &st) < 0 && errno == ENOENT)
			finding_add(&c->out, FINDING_WARNING, path, list.entries[i].line,
			    "maildirmake makes one",
			    "there is no such Maildir: mail to it is put off",
			    (char *)NULL);
		str_free(&maildir);
	}
	control_list_free(&list);
}

/* Whoever looks for a file of an address writes it in small letters, and a dot of it as a colon. */
static void
check_name(struct check *c, const char *path, struct view name)
{
	size_t i;

	for (i = 0; i < name.len; i++) {
		if (name.at[i] != '.' && ascii_lower(name.at[i]) == name.at[i])
			continue;
		finding_add(&c->out, FINDING_WARNING, path, 0,
		    "rename it: small letters, and a colon for each dot of the address",
		    "no address leads here", (char *)NULL);
		return;
	}
}

static void
check_dot_files(struct check *c, const char *directory)
{
	DIR *dir = opendir(directory);
	struct dirent *entry;
	struct str path = { 0 };
	struct stat st;

	if (stat(directory, &st) == 0)
		check_rights(c, directory, &st);
	while (dir && (entry = readdir(dir))) {
		if (strncmp(entry->d_name, ".qmail", 6) != 0)
			continue;
		str_clear(&path);
		str_append_text(&path, directory);
		str_append_byte(&path, '/');
		str_append_text(&path, entry->d_name);
		if (stat(str_text(&path), &st) < 0)
			continue;
		check_rights(c, str_text(&path), &st);
		if (!S_ISREG(st.st_mode))
			continue;
		check_maildirs(c, directory, str_text(&path));
		if (entry->d_name[6] == '-')
			check_name(c, str_text(&path), view_of(entry->d_name + 6));
	}
	if (dir)
		closedir(dir);
	str_free(&path);
}

/* --- the aliases that every host needs ------------------------------------------------------------ */

static void
check_aliases(struct check *c)
{
	static const char *const needed[] = { "alias/.qmail-postmaster",
		"alias/.qmail-mailer-daemon", "alias/.qmail-root" };
	size_t i;

	if (c->has_no_queue || !check_has("alias") || check_has("alias/.qmail-default"))
		return;
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
	check_dot_files(c, "alias");
}
