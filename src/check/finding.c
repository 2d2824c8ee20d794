#include "check/finding.h"

#include <stdarg.h>
#include <string.h>

#include "lib/ascii.h"
#include "lib/fd.h"
#include "lib/fmt.h"
#include "lib/origin.h"

static const char *const names[] = { "note", "warning", "error" };

/* \xHH for what is not printable; in JSON also for what it would take for something else. */
static void
append_clean(struct str *out, struct view text, bool json)
{
	static const char digits[] = "0123456789abcdef";
	size_t i;

	for (i = 0; i < text.len; i++) {
		unsigned char c = (unsigned char)text.at[i];

		if ((ascii_is_graphic(text.at[i]) || c == ' ') &&
		    !(json && (c == '"' || c == '\\'))) {
			str_append_byte(out, text.at[i]);
			continue;
		}
		str_append_text(out, json ? "\\u00" : "\\x");
		str_append_byte(out, digits[c >> 4]);
		str_append_byte(out, digits[c & 15]);
	}
}

static void
append_member(struct str *out, const char *name, struct view value)
{
	str_append_text(out, out->len > 1 ? ",\"" : "\"");
	str_append_text(out, name);
	str_append_text(out, "\":\"");
	append_clean(out, value, true);
	str_append_byte(out, '"');
}

static void
format_json(struct str *out, const char *level, const char *file, size_t line,
    struct view text, const char *hint)
{
	str_append_byte(out, '{');
	append_member(out, "level", view_of(level));
	append_member(out, "file", view_of(file));
	if (line > 0) {
		str_append_text(out, ",\"line\":");
		fmt_u64(out, line);
	}
	append_member(out, "text", text);
	if (hint)
		append_member(out, "hint", view_of(hint));
	str_append_byte(out, '}');
}

static void
format_line(struct str *out, const char *level, const char *file, size_t line,
    struct view text, const char *hint)
{
	str_append_text(out, level);
	str_append_text(out, ": ");
	append_clean(out, view_of(file), false);
	if (line > 0) {
		str_append_byte(out, ':');
		fmt_u64(out, line);
	}
	str_append_text(out, ": ");
	append_clean(out, text, false);
	if (hint) {
		str_append_text(out, "; ");
		append_clean(out, view_of(hint), false);
	}
}

static bool
is_said(const struct findings *f, struct view line)
{
	struct view one, rest = str_view(&f->seen);

	while (view_cut(rest, '\0', &one, &rest))
		if (view_equal(one, line))
			return true;
	return false;
}

static void
say(struct findings *f, enum finding_level level, const char *file, size_t line,
    struct view text, const char *hint)
{
	struct str out = { 0 };

	(f->json ? format_json : format_line)(&out, names[level], file, line, text, hint);
	if (!is_said(f, str_view(&out))) {
		str_append(&f->seen, str_view(&out));
		str_append_byte(&f->seen, '\0');
		f->counts[level]++;
		str_append_byte(&out, '\n');
		if (level > FINDING_NOTE || !f->quiet)
			fd_write_all(f->fd, str_view(&out));
	}
	str_free(&out);
}

void
finding_add(struct findings *f, enum finding_level level, const char *file, size_t line,
    const char *hint, const char *first, ...)
{
	struct str text = { 0 };
	const char *part;
	va_list parts;

	va_start(parts, first);
	for (part = first; part; part = va_arg(parts, const char *))
		str_append_text(&text, part);
	va_end(parts);
	say(f, level, file, line, str_view(&text), hint);
	str_free(&text);
}

void
finding_problem(struct findings *f, enum finding_level level,
    const struct problem *problem, const char *hint)
{
	struct str text = { 0 };

	str_append_text(&text, problem->what ? problem->what : "unusable");
	if (problem->error) {
		str_append_text(&text, ": ");
		str_append_text(&text, strerror(problem->error));
	}
	say(f, level, problem->where, 0, str_view(&text), hint);
	str_free(&text);
}

void
findings_free(struct findings *f)
{
	str_free(&f->seen);
}
