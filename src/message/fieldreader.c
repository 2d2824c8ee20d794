#include "message/fieldreader.h"

#include "message/header.h"

enum line { LINE_WHOLE, LINE_CUT, LINE_END, LINE_ERROR };

/* Replace the line read ahead by the next, with its line end, which the last one is given if it has
 * none.  LINE_CUT: more of it follows than is good. */
static enum line
take_line(struct fieldreader *f)
{
	struct str *line = &f->line;

	str_clear(line);
	while (line->len < FIELDREADER_HEADER_MAX) {
		enum reader_status status = reader_fill(f->in);
		struct view bytes = reader_buffered(f->in);
		size_t n = view_index(bytes, '\n');

		if (status == READER_EOF) {
			if (line->len == 0)
				return LINE_END;
			str_append_byte(line, '\n');
			return LINE_WHOLE;
		}
		if (status != READER_OK)
			return LINE_ERROR;
		if (n < bytes.len)
			n++;
		str_append(line, view_first(bytes, n));
		reader_skip(f->in, n);
		if (line->at[line->len - 1] == '\n')
			return LINE_WHOLE;
	}
	return LINE_CUT;
}

static bool
continues(struct view line)
{
	return line.len > 0 && (line.at[0] == ' ' || line.at[0] == '\t');
}

static bool
begins_field(struct view line)
{
	return view_starts(line, VIEW("From ")) || header_line_is_field(line);
}

/* Read ahead.  FIELDREADER_FIELD: the line may belong to the header. */
static enum fieldreader_status
advance(struct fieldreader *f)
{
	enum line got = take_line(f);

	if (got == LINE_ERROR)
		return FIELDREADER_ERROR;
	if (got == LINE_END) {
		f->ended = true;
		return FIELDREADER_END;
	}
	f->has_body = got == LINE_CUT; /* whatever it is, no field is so long */
	f->total += f->line.len;
	if (f->total > FIELDREADER_HEADER_MAX && got != LINE_CUT)
		return FIELDREADER_TOO_LONG;
	return FIELDREADER_FIELD;
}

enum fieldreader_status
fieldreader_next(struct fieldreader *f, struct str *field)
{
	enum fieldreader_status status = FIELDREADER_FIELD;

	str_clear(field);
	if (f->ended)
		return FIELDREADER_END;
	if (!f->begun)
		status = advance(f);
	f->begun = true;
	if (status != FIELDREADER_FIELD)
		return status;
	if (f->has_body || !begins_field(str_view(&f->line))) {
		f->has_body = f->ended = true;
		return FIELDREADER_END;
	}
	do {
		str_append(field, str_view(&f->line));
		status = advance(f);
	} while (
	    status == FIELDREADER_FIELD && !f->has_body && continues(str_view(&f->line)));
	return status == FIELDREADER_END ? FIELDREADER_FIELD : status;
}

void
fieldreader_append_body(const struct fieldreader *f, struct str *out)
{
	if (!f->has_body)
		return;
	str_append_byte(out, '\n');
	if (f->line.len > 1)
		str_append(out, str_view(&f->line));
}

void
fieldreader_free(struct fieldreader *f)
{
	str_free(&f->line);
}
