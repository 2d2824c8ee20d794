#include "try/controltext.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config/control.h"
#include "lib/fd.h"
#include "lib/fmt.h"
#include "lib/mem.h"
#include "route/route.h"

/* A file that is shown. */
struct section {
	const struct controltext *t;
	const struct controlfile *file;
	struct str path; /* control/NAME */
	struct problem *problem;
};

static void
put(const struct section *s, const char *text)
{
	str_append_text(s->t->out, text);
}

static void
put_safely(struct str *out, struct view text)
{
	size_t i;

	for (i = 0; i < text.len; i++)
		str_append_byte(
		    out, text.at[i] < ' ' || text.at[i] > '~' ? '?' : text.at[i]);
}

/* A sentence about one value. */
static void
put_value(const struct section *s, struct view value)
{
	put(s, s->file->before);
	put_safely(s->t->out, value);
	put(s, s->file->after);
}

static void
put_trouble(const struct section *s)
{
	put(s, "Oops! Trouble reading this file.\n");
}

/* --- the default ------------------------------------------------------------------------------ */

static bool
is_me(const struct controlfile *file)
{
	return strcmp(file->preset, "me") == 0;
}

/* In stock's files a sentence with the default in it. */
static void
put_default(const struct section *s)
{
	const struct controlfile *f = s->file;
	struct view value = view_of(f->preset);

	put(s, "(Default.) ");
	if (f->kind == CONTROLFILE_LIST && f->absent) {
		put(s, f->absent);
		put(s, "\n");
		return;
	}
	if (f->kind == CONTROLFILE_LINE && f->absent)
		value = view_of(f->absent);
	else if (is_me(f))
		value = s->t->has_me ? str_view(&s->t->me) : view_of(f->name);
	if (f->is_stock)
		put_value(s, value);
	else
		put_safely(s->t->out, value);
	put(s, ".\n");
}

/* --- one value -------------------------------------------------------------------------------- */

static enum answer
append_line(const struct section *s)
{
	struct str line = { 0 };
	enum answer answer = control_line(str_text(&s->path), &line, s->problem);

	if (answer == ANSWER_YES) {
		put_value(s, str_view(&line));
		put(s, ".\n");
	}
	str_free(&line);
	return answer;
}

/* A file without digits counts as none. */
static enum answer
append_number(const struct section *s)
{
	char digits[FMT_U64_MAX];
	uint64_t number = 0;
	enum answer answer = control_number(str_text(&s->path), &number, s->problem);

	if (answer == ANSWER_YES) {
		put_value(s, fmt_u64_into(digits, number));
		put(s, ".\n");
	}
	return answer;
}

/* --- lists ------------------------------------------------------------------------------------ */

/* Where a credential begins: all that is shown is in front of it. */
static size_t
start_of_secret(const char *name, struct view line)
{
	enum route_protocol protocol =
	    strcmp(name, "qmtproutes") == 0 ? ROUTE_QMTP : ROUTE_SMTP;
	struct route_value parsed;
	struct view key, value;

	if (strcmp(name, "domaincerts") == 0) {
		size_t bar = view_index(line, '|');

		bar += view_index(view_from(line, bar + 1), '|') + 1;
		return bar < line.len ? bar : line.len;
	}
	if (!(strcmp(name, "authsenders") == 0 ? route_cut_authsender : route_cut)(
		line, &key, &value))
		return 0;
	if (!route_parse(value, protocol, &parsed))
		return (size_t)(value.at - line.at); /* whatever it is */
	return parsed.user.len > 0 ? (size_t)(parsed.user.at - line.at) : line.len;
}

void
controltext_append_hidden(struct str *out, const char *name, struct view line)
{
	size_t start = start_of_secret(name, line);

	put_safely(out, view_trim_right(view_first(line, start)));
	if (start < line.len)
		str_append_text(out, " (and what is not shown)");
}

static void
put_entry(const struct section *s, struct view entry)
{
	if (s->file->secret == CONTROLFILE_CREDENTIALS) {
		put(s, s->file->before);
		controltext_append_hidden(s->t->out, s->file->name, entry);
		put(s, s->file->after);
	} else {
		put_value(s, entry);
	}
	put(s, "\n");
}

static void
put_count(const struct section *s, size_t count)
{
	put(s, s->file->before);
	put(s, ", not shown: ");
	fmt_u64(s->t->out, count);
	put(s, count == 1 ? " line.\n" : " lines.\n");
}

static enum answer
append_list(const struct section *s)
{
	struct control_list list = { 0 };
	enum answer answer = control_list(str_text(&s->path), &list, s->problem);
	size_t i;

	if (answer == ANSWER_YES && s->file->secret == CONTROLFILE_SECRET) {
		put_count(s, list.count);
	} else if (answer == ANSWER_YES) {
		put(s, "\n");
		for (i = 0; i < list.count; i++)
			put_entry(s, list.entries[i].text);
	}
	str_wipe(&list.bytes);
	control_list_free(&list);
	return answer;
}

/* --- what has no lines ------------------------------------------------------------------------ */

static enum answer
answer_of(const struct section *s, int status)
{
	if (status == 0)
		return ANSWER_YES;
	if (errno == ENOENT)
		return ANSWER_NO;
	problem_note(s->problem, str_text(&s->path), 0, "unreadable", errno);
	return ANSWER_ERROR;
}

static void
put_oops(const struct section *s, const char *one, const char *between, const char *other,
    const char *after)
{
	put(s, "Oops! ");
	put(s, one);
	put(s, between);
	put(s, other);
	put(s, after);
	put(s, "\n");
}

/* Compared with the file that it is made of. */
static enum answer
append_cdb(const struct section *s)
{
	const char *name = s->file->name, *source = s->file->made_of;
	struct str path = { 0 };
	struct stat made, from;
	bool is_made = stat(str_text(&s->path), &made) == 0, has_source;

	str_append_text(&path, "control/");
	str_append_text(&path, source ? source : name);
	has_source = stat(str_text(&path), &from) == 0;
	str_free(&path);
	if (!is_made && (!source || !has_source)) {
		put(s, "(Default.) No effect.\n");
		return ANSWER_NO;
	}
	if (!source)
		put(s, "Compiled; not shown.\n");
	else if (!has_source)
		put_oops(s, name, " exists but ", source, " doesn't.");
	else if (!is_made)
		put_oops(s, source, " exists but ", name, " doesn't.");
	else if (from.st_mtime > made.st_mtime)
		put_oops(s, name, " is older than ", source, ".");
	else
		put(s, "Modified recently enough; hopefully up to date.\n");
	return ANSWER_YES;
}

static enum answer
append_pem(const struct section *s)
{
	struct stat st;
	enum answer answer = answer_of(s, stat(str_text(&s->path), &st));

	if (answer == ANSWER_YES && access(str_text(&s->path), R_OK) < 0)
		answer = answer_of(s, -1);
	if (answer == ANSWER_YES) {
		put(s, s->file->before);
		put(s, s->file->secret == CONTROLFILE_SECRET ? ", not shown.\n" : ".\n");
	}
	return answer;
}

static int
is_visible(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

/* What is in it, by name; some may be a plain file instead. */
static enum answer
append_directory(const struct section *s)
{
	struct dirent **entries;
	int count = scandir(str_text(&s->path), &entries, is_visible, alphasort), i;

	if (count < 0 && errno == ENOTDIR)
		return append_list(s);
	if (count < 0)
		return answer_of(s, -1);
	put(s, "\n");
	for (i = 0; i < count; i++) {
		put_value(s, view_of(entries[i]->d_name));
		put(s, "\n");
		free(entries[i]); /* scandir's */
	}
	free(entries);
	return ANSWER_YES;
}

static enum answer
append_file(const struct section *s)
{
	switch (s->file->kind) {
	case CONTROLFILE_LINE:
		return append_line(s);
	case CONTROLFILE_NUMBER:
		return append_number(s);
	case CONTROLFILE_LIST:
		return append_list(s);
	case CONTROLFILE_CDB:
		return append_cdb(s);
	case CONTROLFILE_PEM:
		return append_pem(s);
	case CONTROLFILE_DIRECTORY:
		return append_directory(s);
	}
	return ANSWER_NO;
}

enum answer
controltext_append(
    const struct controltext *t, const struct controlfile *file, struct problem *problem)
{
	struct section s = { .t = t, .file = file, .problem = problem };
	size_t start = t->out->len;
	enum answer answer;

	str_append_text(&s.path, "control/");
	str_append_text(&s.path, file->name);
	put(&s, "\n");
	put(&s, file->name);
	put(&s, ": ");
	if (file->dialects && !(file->dialects & 1u << t->dialect))
		put(&s, "(Not read in this dialect.) ");
	answer = append_file(&s);
	if (answer == ANSWER_NO && !file->is_stock && !t->show_absent)
		str_cut(t->out, start);
	else if (answer == ANSWER_NO && file->kind != CONTROLFILE_CDB)
		put_default(&s);
	else if (answer == ANSWER_ERROR)
		put_trouble(&s);
	str_free(&s.path);
	return answer;
}
