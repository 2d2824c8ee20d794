#include "content/mime.h"

#include <string.h>

#include "content/mimefield.h"

static void
set_word(struct mime_word *word, const char *text)
{
	word->len = strlen(text);
	memcpy(word->at, text, word->len);
}

static void
begin_header(struct mime *m, unsigned embedded)
{
	m->zone = MIME_HEADER;
	m->field_len = 0;
	m->boundary.len = 0;
	m->part = (struct mime_part) { .embedded = embedded };
	set_word(&m->part.type, "text/plain");
}

void
mime_start(struct mime *m, const struct mime_events *events, void *context)
{
	m->events = events;
	m->context = context;
	m->depth = 0;
	m->is_delimiter = false;
	begin_header(m, 0);
}

struct view
mime_type(const struct mime *m)
{
	return (struct view) { m->part.type.at, m->part.type.len };
}

/* Does m->part begin with this, such as "audio/"? */
static bool
part_begins(const struct mime *m, const char *prefix)
{
	return view_starts(mime_type(m), view_of(prefix));
}

/* --- headers ---------------------------------------------------------------------------------------- */

static void
end_field(struct mime *m)
{
	struct view field = { m->field, m->field_len };

	if (field.len == 0)
		return;
	mimefield_read(field, &m->part, &m->boundary);
	if (m->events->field)
		m->events->field(m->context, m, field);
	m->field_len = 0;
}

static bool
is_message(const struct mime *m)
{
	return m->part.encoding != MIME_BASE64 &&
	    (view_equal(mime_type(m), VIEW("message/rfc822")) ||
		view_equal(mime_type(m), VIEW("message/global")));
}

static void
end_header(struct mime *m)
{
	end_field(m);
	m->zone = MIME_BODY;
	if (part_begins(m, "multipart/") && m->boundary.len > 0 &&
	    m->depth < MIME_LEVELS) {
		m->levels[m->depth++] =
		    (struct mime_level) { m->boundary, m->part.embedded };
		m->zone = MIME_PREAMBLE;
	}
	if (m->events->part)
		m->events->part(m->context, m);
	if (is_message(m))
		begin_header(m, m->part.embedded + 1);
}

static void
take_header(struct mime *m, struct view piece, bool begins, bool ends)
{
	size_t room;

	if (begins && ends && piece.len == 0) {
		end_header(m);
		return;
	}
	if (begins && *piece.at != ' ' && *piece.at != '\t')
		end_field(m);
	room = MIME_FIELD_MAX - m->field_len;
	piece = view_first(piece, room);
	memcpy(m->field + m->field_len, piece.at, piece.len);
	m->field_len += piece.len;
}

/* --- delimiters ------------------------------------------------------------------------------------- */

/* Does `line`, without its two hyphens, begin with this level's boundary?  *closes: its multipart ends
 * there.  With `is_exact`, only if nothing else is in the line. */
static bool
is_at_level(struct view line, const struct mime_level *level, bool is_exact, bool *closes)
{
	struct view boundary = { level->boundary.at, level->boundary.len };
	struct view rest;

	if (!view_starts(line, boundary))
		return false;
	rest = view_from(line, boundary.len);
	*closes = view_starts(rest, VIEW("--"));
	return !is_exact || view_trim_right(view_from(rest, *closes ? 2 : 0)).len == 0;
}

/* The number of the level whose delimiter the line is, from 1; 0: none.  That it begins with a boundary
 * is enough (RFC 2046 5.1.1), but one that is all of the line goes first: boundaries may begin with each
 * other. */
static size_t
level_of(const struct mime *m, struct view line, bool *closes)
{
	int pass;
	size_t i;

	for (pass = 0; pass < 2; pass++)
		for (i = m->depth; i > 0; i--)
			if (is_at_level(line, &m->levels[i - 1], pass == 0, closes))
				return i;
	return 0;
}

/* True if the line is a delimiter: what it delimits has ended. */
static bool
take_delimiter(struct mime *m, struct view piece)
{
	bool closes;
	size_t level;

	if (m->depth == 0 || !view_starts(piece, VIEW("--")))
		return false;
	level = level_of(m, view_from(piece, 2), &closes);
	if (level == 0)
		return false;
	if (m->zone == MIME_HEADER)
		mime_end(m);
	m->depth = closes ? level - 1 : level;
	begin_header(m, m->levels[level - 1].embedded);
	if (closes)
		m->zone = MIME_EPILOGUE;
	return true;
}

/* --- lines ------------------------------------------------------------------------------------------ */

void
mime_take(struct mime *m, struct view piece, bool begins, bool ends)
{
	if (begins)
		m->is_delimiter = take_delimiter(m, piece);
	if (m->is_delimiter)
		return;
	if (m->zone == MIME_HEADER)
		take_header(m, piece, begins, ends);
	else if (m->events->text)
		m->events->text(m->context, m, piece, begins, ends);
}

void
mime_end(struct mime *m)
{
	if (m->zone == MIME_HEADER)
		end_header(m);
}
