#include "users/domaindir.h"

#include <errno.h>
#include <fcntl.h>

#include "lib/fd.h"
#include "users/look.h"

/* The path of `name` in the directory, replacing *path. */
static void
set_path(const struct domaindir *d, struct view name, struct str *path)
{
	str_set(path, d->directory);
	str_append_byte(path, '/');
	str_append(path, name);
}

static bool
has_file(struct domaindir *d, struct view name)
{
	struct str path = { 0 };
	enum dotqmail state;

	set_path(d, name, &path);
	state = look_at_file(str_text(&path));
	str_free(&path);
	d->is_hidden |= state == DOTQMAIL_FORBIDDEN;
	d->has_failed |= state == DOTQMAIL_FAILED;
	return state == DOTQMAIL_PRESENT;
}

enum answer
domaindir_read(struct domaindir *d, struct view name, struct str *out)
{
	char start[DOMAINDIR_START];
	struct str path = { 0 };
	ssize_t len = -1;
	int fd = -1;

	if (!has_file(d, name))
		return d->is_hidden || d->has_failed ? ANSWER_ERROR : ANSWER_NO;
	set_path(d, name, &path);
	fd = open(str_text(&path), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (fd >= 0)
		len = fd_read(fd, start, sizeof start);
	else
		d->is_hidden |= errno == EACCES;
	d->has_failed |= len < 0 && !d->is_hidden;
	fd_close(&fd);
	str_free(&path);
	if (len < 0)
		return ANSWER_ERROR;
	str_set(out, (struct view) { start, (size_t)len });
	return ANSWER_YES;
}

enum answer
domaindir_has_word(struct domaindir *d, struct view name, struct view word)
{
	struct str text = { 0 };
	enum answer answer = domaindir_read(d, name, &text);

	if (answer == ANSWER_YES && !view_contains(str_view(&text), word))
		answer = ANSWER_NO;
	str_free(&text);
	return answer;
}

/* Names of files are made of the user's: nobody is looked for beyond the directory. */
static bool
is_name(struct view user)
{
	return user.len > 0 && view_index(user, '/') == user.len;
}

bool
domaindir_has_alias(struct domaindir *d)
{
	struct dotfile_search names = d->names;
	struct str name = { 0 };
	bool is_default, found = false;

	while (!found && is_name(d->user) && dotfile_next(&names, &name, &is_default))
		found = !view_equal(str_view(&name), VIEW(".qmail-default")) &&
		    has_file(d, str_view(&name));
	str_free(&name);
	return found;
}

/* Is `list` one of ezmlm's, or one that mailman gets? */
static bool
is_list(struct domaindir *d, struct view list)
{
	struct str name = { 0 };
	bool found = false;

	if (list.at[0] != '.') {
		str_append(&name, list);
		str_append_text(&name, "/editor");
		found = has_file(d, str_view(&name));
	}
	dotfile_name(&name, VIEW("-"), list, "");
	found = found ||
	    domaindir_has_word(d, str_view(&name), VIEW("mailman")) == ANSWER_YES;
	str_free(&name);
	return found;
}

bool
domaindir_has_list(struct domaindir *d)
{
	size_t i;

	for (i = 1; is_name(d->user) && i < d->user.len; i++)
		if (d->user.at[i] == '-' && is_list(d, view_first(d->user, i)))
			return true;
	return false;
}
