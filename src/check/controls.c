/* Each name in control/: is it one that somebody reads, in what form is it, and may who reads it? */
#include "check/check.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "check/fileform.h"
#include "check/nearname.h"
#include "config/controlfiles.h"
#include "lib/mem.h"

/* --- rights --------------------------------------------------------------------------------------- */

static const struct {
	const char *program;
	enum check_user user;
	enum check_group group;
	const char *effect;
} readers[] = {
	{ "qmail-smtpd", USER_QMAILD, GROUP_NOFILES,
	    "qmail-smtpd then answers 421 to who needs it" },
	{ "qmail-remote", USER_QMAILR, GROUP_QMAIL,
	    "all mail that needs it then has to wait" },
	{ "qmail-send", USER_QMAILS, GROUP_QMAIL, "qmail-send then does not start" },
};

static bool
has_word(const char *words, const char *word)
{
	struct view rest = view_of(words), one;

	while ((one = view_next_word(&rest)).len > 0)
		if (view_equal(one, view_of(word)))
			return true;
	return false;
}

static void
check_reader(struct check *c, const char *path, size_t reader)
{
	uid_t uid = c->users[readers[reader].user];
	gid_t gid = c->groups[readers[reader].group];

	if (uid == (uid_t)-1 || check_may_read(path, uid, gid) != ANSWER_NO)
		return;
	finding_add(&c->out, FINDING_ERROR, path, 0, readers[reader].effect,
	    check_user_names[readers[reader].user], " may not read it", (char *)NULL);
}

/* qmail-inject is whoever calls it. */
static void
check_everybody(struct check *c, const char *path)
{
	if (!c->is_rootless && check_may_read(path, (uid_t)-2, (gid_t)-2) == ANSWER_NO)
		finding_add(&c->out, FINDING_ERROR, path, 0, "chmod o+r",
		    "not everybody may read it, as qmail-inject is whoever calls it",
		    (char *)NULL);
}

static void
check_readers(struct check *c, const char *path, const struct controlfile *row)
{
	size_t i;

	for (i = 0; i < sizeof readers / sizeof *readers; i++)
		if (row->readers ? has_word(row->readers, readers[i].program) : true)
			check_reader(c, path, i);
	if (!row->readers || has_word(row->readers, "qmail-inject"))
		if (row->secret == CONTROLFILE_OPEN && strcmp(row->name, "limits") != 0)
			check_everybody(c, path);
}

/* Who may write it may change who may relay, and more. */
static void
check_writers(struct check *c, const char *path, const struct stat *st)
{
	if (st->st_mode & S_IWOTH)
		finding_add(&c->out, FINDING_ERROR, path, 0, "chmod o-w",
		    "everybody on this machine may write it", (char *)NULL);
	else if ((st->st_mode & S_IWGRP) && !c->is_rootless && st->st_gid != 0)
		finding_add(&c->out, FINDING_WARNING, path, 0, "chmod g-w",
		    "its group may write it", (char *)NULL);
	if (!c->is_rootless && st->st_uid != 0 && st->st_uid != c->owner &&
	    S_ISREG(st->st_mode) && (st->st_mode & S_IWUSR))
		finding_add(&c->out, FINDING_NOTE, path, 0, "chown root",
		    "it does not belong to root", (char *)NULL);
}

/* --- forms ---------------------------------------------------------------------------------------- */

/* In `struct stat` words: is it what its kind is? */
static bool
is_of_kind(const struct controlfile *row, const struct stat *st)
{
	switch (row->kind) {
	case CONTROLFILE_DIRECTORY:
		return S_ISDIR(st->st_mode);
	case CONTROLFILE_PEM:
		return S_ISREG(st->st_mode) || S_ISDIR(st->st_mode);
	default:
		return S_ISREG(st->st_mode);
	}
}

static void
check_bytes(struct check *c, const char *path, const struct controlfile *row)
{
	struct str bytes = { 0 };
	struct problem problem;

	if (row && row->kind != CONTROLFILE_LINE && row->kind != CONTROLFILE_NUMBER &&
	    row->kind != CONTROLFILE_LIST)
		return;
	if (control_bytes(path, &bytes, &problem) == ANSWER_YES)
		fileform_check(&c->out, path, str_view(&bytes), row);
	else if (problem.error == EACCES)
		finding_add(&c->out, FINDING_NOTE, path, 0, "run this as root",
		    "not checked: this user may not read it", (char *)NULL);
	else
		finding_problem(&c->out, FINDING_ERROR, &problem, NULL);
	str_wipe(&bytes);
}

static void
check_dialect(struct check *c, const char *path, const struct controlfile *row)
{
	if (row->dialects && !(row->dialects & 1u << c->dialect))
		finding_add(&c->out, FINDING_WARNING, path, 0,
		    "see control/dialect, or remove the file",
		    "of no effect in the dialect in force, ", dialect_word(c->dialect),
		    (char *)NULL);
	else if (c->is_strict && !row->is_stock && strcmp(row->name, "strict") != 0 &&
	    strcmp(row->name, "dialect") != 0 && row->readers &&
	    strcmp(row->readers, "qmail-smtpd") == 0)
		finding_add(&c->out, FINDING_NOTE, path, 0, NULL,
		    "of no effect, as control/strict is on", (char *)NULL);
}

static void
check_known(struct check *c, const char *path, const struct controlfile *row,
    const struct stat *st)
{
	if (!is_of_kind(row, st)) {
		finding_add(&c->out, FINDING_ERROR, path, 0, NULL,
		    row->kind == CONTROLFILE_DIRECTORY
			? "not a directory, which it must be"
			: "not a file: who reads it fails",
		    (char *)NULL);
		return;
	}
	check_dialect(c, path, row);
	check_readers(c, path, row);
	check_bytes(c, path, row);
}

/* --- names ---------------------------------------------------------------------------------------- */

/* What a home may have besides: read by run scripts, or by programs of other suites. */
static bool
is_of_others(struct view name)
{
	static const char *const names[] = { "README", "concurrencyincoming",
		"defaultdelivery", "dh1024.pem", "dh2048.pem", "dh4096.pem", "dh512.pem",
		"level2-tlds", "mailboxsize", "quotawarning", "rsa2048.pem",
		"rsa4096.pem", "rsa512.pem", "signaturedomains", "surbldomainwhite",
		"taps" };
	size_t i;

	for (i = 0; i < sizeof names / sizeof *names; i++)
		if (view_equal(name, view_of(names[i])))
			return true;
	/* tlspolicy and others name certificates that have any name */
	return view_ends(name, VIEW(".pem")) || view_starts(name, VIEW("dkim")) ||
	    view_starts(name, VIEW("surbl")) || view_starts(name, VIEW("tcp."));
}

/* What editors and packages leave. */
static bool
is_copy(struct view name)
{
	static const char *const ends[] = { "~", ".bak", ".orig", ".old", ".save",
		".rpmsave", ".rpmnew", ".rpmorig", ".dpkg-old", ".dpkg-dist", ".dpkg-new",
		".swp", ".tmp", ".new", "#", ".lock" };
	size_t i;

	for (i = 0; i < sizeof ends / sizeof *ends; i++)
		if (view_ends(name, view_of(ends[i])))
			return true;
	return view_starts(name, VIEW("."));
}

/* indimail's "NAME.cdb" of a list NAME. */
static bool
is_twin(struct view name)
{
	struct str base = { 0 };
	const struct controlfile *row;

	if (!view_ends(name, VIEW(".cdb")))
		return false;
	str_set(&base, view_first(name, name.len - 4));
	row = controlfiles_find(str_text(&base));
	str_free(&base);
	return row && row->kind == CONTROLFILE_LIST;
}

static void
check_unknown(struct check *c, const char *path, struct view name)
{
	const char *near;

	if (is_of_others(name))
		return;
	if (is_twin(name)) {
		if (c->dialect != DIALECT_INDIMAIL)
			finding_add(&c->out, FINDING_WARNING, path, 0, "remove it",
			    "of no effect but in the dialect indimail", (char *)NULL);
		return;
	}
	if (is_copy(name)) {
		finding_add(&c->out, FINDING_NOTE, path, 0, "keep copies elsewhere",
		    "a copy that nobody reads", (char *)NULL);
		return;
	}
	near = nearname_find(name);
	finding_add(&c->out, FINDING_WARNING, path, 0,
	    near ? "rename it, if that is what is meant"
		 : "remove it, if nobody else does",
	    "no program here reads a file of this name",
	    near ? ": is it meant to be " : "", near ? near : "", near ? "?" : "",
	    (char *)NULL);
}

/* --- the directory -------------------------------------------------------------------------------- */

static void
check_name(struct check *c, const char *name)
{
	const struct controlfile *row = controlfiles_find(name);
	struct str path = { 0 };
	struct stat st;

	str_append_text(&path, "control/");
	str_append_text(&path, name);
	if (stat(str_text(&path), &st) < 0)
		finding_add(&c->out, errno == EACCES ? FINDING_NOTE : FINDING_ERROR,
		    str_text(&path), 0, NULL,
		    errno == EACCES ? "not checked: this user may not look at it"
				    : "cannot be looked at: ",
		    errno == EACCES ? "" : strerror(errno), (char *)NULL);
	else {
		check_writers(c, str_text(&path), &st);
		if (row)
			check_known(c, str_text(&path), row, &st);
		else
			check_unknown(c, str_text(&path), view_of(name));
	}
	str_free(&path);
}

static int
compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* In the order of their names. */
void
check_controls(struct check *c)
{
	struct dirent **entries = NULL;
	char **names;
	int count = scandir("control", &entries, NULL, alphasort), i;

	if (count < 0) {
		finding_add(&c->out, FINDING_ERROR, "control", 0, NULL,
		    "cannot be read: ", strerror(errno), (char *)NULL);
		return;
	}
	names = mem_alloc_zeroed((size_t)count + 1, sizeof *names);
	for (i = 0; i < count; i++)
		names[i] = entries[i]->d_name;
	qsort(names, (size_t)count, sizeof *names, compare);
	for (i = 0; i < count; i++)
		if (strcmp(names[i], ".") != 0 && strcmp(names[i], "..") != 0)
			check_name(c, names[i]);
	for (i = 0; i < count; i++)
		free(entries[i]);
	free(entries);
	mem_free(names);
}
