#include "content/spamheader.h"

#include <stdbool.h>

#include "content/score.h"
#include "lib/ascii.h"

enum { STARS_MAX = 50, FOLD = 72 };

/* --- our fields --------------------------------------------------------------------------------------- */

static void
append_stars(struct str *out, int64_t score)
{
	int64_t i;

	for (i = SCORE_POINT; i <= score && i <= STARS_MAX * SCORE_POINT;
	     i += SCORE_POINT)
		str_append_byte(out, '*');
}

/* Folded behind commas. */
static void
append_symbols(struct str *out, struct view symbols)
{
	size_t start = out->len;

	if (symbols.len == 0)
		str_append_text(out, "none");
	while (symbols.len > 0) {
		size_t end = view_index(symbols, ',');
		struct view name = view_first(symbols, end + 1);

		if (out->len > start && out->len - start + name.len > FOLD) {
			str_append_text(out, "\n\t");
			start = out->len;
		}
		str_append(out, name);
		symbols = view_from(symbols, name.len);
	}
}

void
spamheader_format(struct str *out, const struct spamd_verdict *v)
{
	if (v->is_spam)
		str_append_text(out, "X-Spam-Flag: YES\n");
	str_append_text(out, "X-Spam-Level: ");
	append_stars(out, v->score);
	str_append_text(out,
	    v->is_spam ? "\nX-Spam-Status: Yes, score=" : "\nX-Spam-Status: No, score=");
	score_format(out, v->score);
	str_append_text(out, " required=");
	score_format(out, v->needed);
	str_append_text(out, "\n\ttests=");
	append_symbols(out, spamd_symbols(v));
	str_append_byte(out, '\n');
}

/* --- theirs ------------------------------------------------------------------------------------------- */

static void
append_mark(struct str *out, struct view mark)
{
	size_t i;

	for (i = 0; i < mark.len; i++)
		if (!ascii_is_control(mark.at[i]))
			str_append_byte(out, mark.at[i]);
}

/* A line of the header, with its LF; *mark is emptied when it was used. */
static void
rewrite_line(struct str *out, struct view line, struct view *mark)
{
	struct view name = VIEW("subject:");

	if (view_starts_nocase(line, VIEW("x-spam-"))) {
		str_append_text(out, SPAMHEADER_RENAMED);
	} else if (mark->len > 0 && view_starts_nocase(line, name)) {
		str_append(out, view_first(line, name.len));
		str_append_byte(out, ' ');
		append_mark(out, *mark);
		line = view_from(line, name.len);
		if (line.len > 0 && !ascii_is_blank(*line.at) && *line.at != '\n')
			str_append_byte(out, ' ');
		*mark = VIEW("");
	}
	str_append(out, line);
}

/* The message may end in its header, and without an LF. */
static void
end_line(struct str *out)
{
	if (out->len > 0 && out->at[out->len - 1] != '\n')
		str_append_byte(out, '\n');
}

static struct view
first_line(struct view message)
{
	return view_first(message, view_index(message, '\n') + 1);
}

void
spamheader_rewrite(struct str *out, struct view message, struct view mark)
{
	struct view line = first_line(message);

	str_reserve(out, message.len + mark.len);
	while (line.len > 1 || (line.len == 1 && *line.at != '\n')) {
		rewrite_line(out, line, &mark);
		message = view_from(message, line.len);
		line = first_line(message);
	}
	if (mark.len > 0) {
		end_line(out);
		str_append_text(out, "Subject: ");
		append_mark(out, mark);
		str_append_byte(out, '\n');
	}
	str_append(out, message);
}
