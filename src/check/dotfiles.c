#define _GNU_SOURCE
#include "check/dotfiles.h"

#include <dirent.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/ascii.h"
#include "lib/fd.h"
#include "local/dotqmail.h"

enum { FILE_MAX = 1 << 20 };

/* --- a line --------------------------------------------------------------------------------------- */

/* Errno of stat(), 0 if it is there; `path` as a line has it. */
static int
look_for(const struct dotfile *file, struct view path, struct stat *st)
{
	struct str whole = { 0 };
	int error;

	if (path.at[0] != '/') {
		str_append_text(&whole, file->directory);
		str_append_byte(&whole, '/');
	}
	str_append(&whole, path);
	error = stat(str_text(&whole), st) < 0 ? errno : 0;
	str_free(&whole);
	return error;
}

static bool
can_be_found(const struct dotfile *file, struct view path)
{
	return file->directory || path.at[0] == '/';
}

static void
check_maildir(
    struct check *c, const struct dotfile *file, size_t number, struct view path)
{
	struct stat st;

	if (can_be_found(file, path) && look_for(file, path, &st) == ENOENT)
		finding_add(&c->out, FINDING_WARNING, file->path, number,
		    "maildirmake makes one",
		    "there is no such Maildir: mail to it is put off", (char *)NULL);
}

/* "./Maildir", where "./Maildir/" is meant. */
static void
check_mbox(struct check *c, const struct dotfile *file, size_t number, struct view path)
{
	static const char hint[] = "a Maildir has a '/' at its end";
	struct stat st;
	struct view name = path;

	if (view_rindex(path, '/') < path.len)
		name = view_from(path, view_rindex(path, '/') + 1);
	if (can_be_found(file, path) && look_for(file, path, &st) == 0 &&
	    S_ISDIR(st.st_mode))
		finding_add(&c->out, FINDING_ERROR, file->path, number, hint,
		    "a directory, where a line without '/' at its end is an mbox: mail "
		    "to it is put off",
		    (char *)NULL);
	else if (view_equal(name, VIEW("Maildir")) || view_equal(name, VIEW(".maildir")))
		finding_add(&c->out, FINDING_WARNING, file->path, number, hint,
		    "an mbox of this name, not a Maildir", (char *)NULL);
}

/* The shell has the rest of the line; a path at its start is looked for, if it is nothing but that. */
static void
check_command(
    struct check *c, const struct dotfile *file, size_t number, struct view command)
{
	struct view word = view_next_word(&command);
	struct stat st;
	size_t i;

	if (word.len == 0)
		finding_add(&c->out, FINDING_ERROR, file->path, number,
		    "write a program, or '#' to throw mail away",
		    "no program behind the '|': mail to it is lost", (char *)NULL);
	for (i = 0; i < word.len; i++)
		if (!ascii_is_letter(word.at[i]) && !ascii_is_digit(word.at[i]) &&
		    view_index(VIEW("/._+-"), word.at[i]) == 5)
			return;
	if (view_starts(word, VIEW("/")) && look_for(file, word, &st) == ENOENT)
		finding_add(&c->out, FINDING_ERROR, file->path, number,
		    "name one that is there",
		    "there is no such program: mail to it is put off", (char *)NULL);
}

static void
check_forward(
    struct check *c, const struct dotfile *file, size_t number, struct view address)
{
	size_t at = view_index(address, '@');
	const char *text = NULL;

	if (view_index(address, '"') < address.len)
		return;
	if (address.len == 0)
		text = "no address behind the '&'";
	if (view_index(address, ' ') < address.len ||
	    view_index(address, '\t') < address.len ||
	    view_index(address, ',') < address.len)
		text = "taken as one address, blanks, commas and all";
	else if (at == address.len && view_index(address, '/') < address.len)
		text = "an address: a path begins with '/' or './'";
	if (text)
		finding_add(&c->out, FINDING_WARNING, file->path, number,
		    "one address a line, with or without '&' before it", text,
		    (char *)NULL);
}

static void
check_line(struct check *c, const struct dotfile *file, size_t number, struct view line)
{
	struct dotqmail_line parsed;

	if (view_ends(line, VIEW("\r"))) {
		finding_add(&c->out, FINDING_WARNING, file->path, number,
		    "write it with LF alone",
		    "the line ends in CR LF: the CR is a part of the address, path or "
		    "command",
		    (char *)NULL);
		line.len--;
	}
	parsed = dotqmail_parse(line);
	if (file->only_forwards &&
	    (parsed.kind == DOTQMAIL_PROGRAM || parsed.kind == DOTQMAIL_MAILDIR ||
		parsed.kind == DOTQMAIL_MBOX))
		finding_add(&c->out, FINDING_ERROR, file->path, number, "chmod -x",
		    "the x bit of the file allows forwards alone: mail to it is put off",
		    (char *)NULL);
	else if (parsed.kind == DOTQMAIL_BLANK && number == 1)
		finding_add(&c->out, FINDING_ERROR, file->path, number, "remove the line",
		    "the first line is blank: mail to it is put off", (char *)NULL);
	else if (parsed.kind == DOTQMAIL_MAILDIR)
		check_maildir(c, file, number, parsed.what);
	else if (parsed.kind == DOTQMAIL_MBOX)
		check_mbox(c, file, number, parsed.what);
	else if (parsed.kind == DOTQMAIL_PROGRAM)
		check_command(c, file, number, parsed.what);
	else if (parsed.kind == DOTQMAIL_FORWARD)
		check_forward(c, file, number, parsed.what);
}

void
dotfiles_check(struct check *c, const struct dotfile *file, struct view text)
{
	size_t number, end;

	for (number = 1; text.len > 0; number++) {
		end = view_index(text, '\n');
		check_line(
		    c, file, file->line ? file->line : number, view_first(text, end));
		text = view_from(text, end + 1);
	}
}

/* --- files ---------------------------------------------------------------------------------------- */

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
check_text(struct check *c, const struct dotfile *file)
{
	struct str text = { 0 };

	if (fd_read_file(file->path, &text, FILE_MAX) == 0)
		dotfiles_check(c, file, str_view(&text));
	str_free(&text);
}

static void
check_file(struct check *c, const char *directory, const char *path, const char *name)
{
	struct dotfile file = { .path = path, .directory = directory };
	struct stat st;

	if (stat(path, &st) < 0)
		return;
	check_rights(c, path, &st);
	if (!S_ISREG(st.st_mode))
		return;
	file.only_forwards = st.st_mode & S_IXUSR;
	check_text(c, &file);
	if (name[6] == '-')
		check_name(c, path, view_of(name + 6));
}

static void
check_directory(struct check *c, const char *directory)
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
		check_file(c, directory, str_text(&path), entry->d_name);
	}
	if (dir)
		closedir(dir);
	str_free(&path);
}

/* control/defaultdelivery is what many a run script gives to qmail-start. */
void
check_dotfiles(struct check *c)
{
	check_directory(c, "alias");
	check_text(c, &(struct dotfile) { .path = "control/defaultdelivery" });
}
