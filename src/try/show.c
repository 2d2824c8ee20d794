#include "try/show.h"

#include <string.h>

#include "lib/ascii.h"
#include "lib/fd.h"
#include "lib/fmt.h"

enum {
	NAME_WIDTH = 15,
	VALUE_WIDTH = 62,
	HIDDEN_MAX =
	    65536, /* allocated at once: a growing one would leave copies behind */
};

void
show_init(struct show *s, int fd)
{
	*s = (struct show) { .fd = fd };
}

void
show_free(struct show *s)
{
	str_wipe(&s->hidden);
	str_free(&s->warned);
}

void
show_hide(struct show *s, struct view secret)
{
	if (secret.len == 0)
		return;
	if (s->hidden.len == 0)
		str_reserve(&s->hidden, HIDDEN_MAX);
	if (secret.len >= HIDDEN_MAX - s->hidden.len) {
		s->is_blind = true;
		return;
	}
	str_append(&s->hidden, secret);
	str_append_byte(&s->hidden, '\0');
}

/* How much of what `text` begins with is to be hidden. */
static size_t
hidden_at(const struct show *s, struct view text)
{
	struct view secret, rest = str_view(&s->hidden);
	size_t longest = 0;

	while (view_cut(rest, '\0', &secret, &rest))
		if (secret.len > longest && view_starts(text, secret))
			longest = secret.len;
	return longest;
}

static void
append_without_hidden(struct str *out, const struct show *s, struct view text)
{
	while (text.len > 0) {
		size_t hidden = hidden_at(s, text);

		if (hidden > 0)
			str_append_text(out, "[hidden]");
		else
			str_append_byte(out, text.at[0]);
		text = view_from(text, hidden > 0 ? hidden : 1);
	}
}

static void
append_escaped(struct str *out, struct view text)
{
	bool blank = false;
	size_t i;

	for (i = 0; i < text.len; i++) {
		char c = text.at[i];

		if (c != '\\' && (ascii_is_graphic(c) || (c == ' ' && !blank))) {
			str_append_byte(out, c);
		} else {
			str_append_text(out, "\\x");
			fmt_hex(out, (struct view) { &c, 1 });
		}
		blank = c == ' ';
	}
}

static void
pad(struct str *out, size_t width)
{
	while (out->len < width)
		str_append_byte(out, ' ');
}

void
show_line(struct show *s, const char *name, struct view value, const char *place)
{
	struct str line = { 0 };

	str_append_text(&line, name);
	str_append_byte(&line, ':');
	pad(&line, NAME_WIDTH);
	append_escaped(&line, view_trim_right(value));
	if (place && *place) {
		str_append_text(&line, "  ");
		pad(&line, VALUE_WIDTH);
		str_append_byte(&line, '(');
		append_escaped(&line, view_of(place));
		str_append_byte(&line, ')');
	}
	str_append_byte(&line, '\n');
	fd_write_all(s->fd, str_view(&line));
	str_free(&line);
}

void
show_text(struct show *s, const char *name, const char *value, const char *place)
{
	show_line(s, name, view_of(value), place);
}

void
show_remote(struct show *s, const char *name, struct view text)
{
	struct str tame = { 0 };
	struct view line, rest;

	if (s->is_blind)
		str_append_text(&tame, "[hidden]");
	else
		append_without_hidden(&tame, s, view_trim_right(text));
	rest = str_view(&tame);
	while (view_cut(rest, '\n', &line, &rest))
		show_line(s, name, line, NULL);
	show_line(s, name, rest, NULL);
	str_free(&tame);
}

static bool
was_warned(const struct show *s, struct view warning)
{
	struct view one, rest = str_view(&s->warned);

	while (view_cut(rest, '\0', &one, &rest))
		if (view_equal(one, warning))
			return true;
	return false;
}

void
show_warning(struct show *s, const char *place, struct view text)
{
	struct str all = { 0 };

	if (place && *place) {
		str_append_text(&all, place);
		str_append_text(&all, ": ");
	}
	str_append(&all, text);
	if (!was_warned(s, str_view(&all))) {
		show_line(s, "warning", str_view(&all), NULL);
		str_append(&s->warned, str_view(&all));
		str_append_byte(&s->warned, '\0');
	}
	str_free(&all);
}

void
show_problem(struct show *s, const struct problem *problem)
{
	struct str text = { 0 };

	str_append_text(&text, problem->what);
	if (problem->error) {
		str_append_text(&text, ": ");
		str_append_text(&text, strerror(problem->error));
	}
	show_warning(s, problem->where, str_view(&text));
	str_free(&text);
}

void
show_append_server(struct str *out, struct view name, uint16_t port)
{
	bool bracketed = view_index(name, ':') < name.len;

	str_append_text(out, bracketed ? "[" : "");
	str_append(out, name);
	str_append_text(out, bracketed ? "]:" : ":");
	fmt_u64(out, port);
}
