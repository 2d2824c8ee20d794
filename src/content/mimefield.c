#include "content/mimefield.h"

#include "lib/ascii.h"

/* --- words ------------------------------------------------------------------------------------------ */

static void
skip(struct view *v)
{
	*v = view_from(*v, 1);
}

static bool
starts_with(struct view v, char c)
{
	return v.len > 0 && *v.at == c;
}

/* Past a comment, "(...)", with others in it. */
static void
skip_comment(struct view *v)
{
	size_t depth = 0;

	while (v->len > 0) {
		char c = *v->at;

		if (c == '(')
			depth++;
		else if (c == ')')
			depth--;
		else if (c == '\\')
			skip(v);
		skip(v);
		if (depth == 0)
			return;
	}
}

static void
skip_blanks(struct view *v)
{
	while (v->len > 0) {
		if (*v->at == '(')
			skip_comment(v);
		else if (ascii_is_blank(*v->at))
			skip(v);
		else
			return;
	}
}

static void
add(struct mime_word *word, char c)
{
	if (word->len < sizeof word->at)
		word->at[word->len++] = c;
}

static void
read_quoted(struct view *v, struct mime_word *word)
{
	skip(v);
	while (v->len > 0 && *v->at != '"') {
		if (*v->at == '\\' && v->len > 1)
			skip(v);
		add(word, *v->at);
		skip(v);
	}
	skip(v);
}

/* Append a quoted word or a plain one. */
static void
read_word(struct view *v, struct mime_word *word)
{
	skip_blanks(v);
	if (starts_with(*v, '"')) {
		read_quoted(v, word);
		return;
	}
	while (v->len > 0 && !ascii_is_blank(*v->at) && *v->at != ';' && *v->at != '=' &&
	    *v->at != '(') {
		add(word, *v->at);
		skip(v);
	}
}

/* A boundary may end in '=', and some senders do not quote it. */
static void
read_value(struct view *v, struct mime_word *word)
{
	skip_blanks(v);
	if (starts_with(*v, '"')) {
		read_quoted(v, word);
		return;
	}
	while (v->len > 0 && !ascii_is_blank(*v->at) && *v->at != ';') {
		add(word, *v->at);
		skip(v);
	}
}

static void
fold(struct mime_word *word)
{
	size_t i;

	for (i = 0; i < word->len; i++)
		word->at[i] = ascii_lower(word->at[i]);
}

static struct view
view_word(const struct mime_word *word)
{
	return (struct view) { word->at, word->len };
}

static struct mime_word
first_word(struct view value)
{
	struct mime_word word = { .len = 0 };

	read_word(&value, &word);
	fold(&word);
	return word;
}

/* --- fields ----------------------------------------------------------------------------------------- */

/* To what follows the next semicolon that is not quoted. */
static void
skip_to_parameter(struct view *v)
{
	struct mime_word unused;

	while (v->len > 0 && *v->at != ';') {
		unused.len = 0;
		if (*v->at == '"')
			read_quoted(v, &unused);
		else if (*v->at == '(')
			skip_comment(v);
		else
			skip(v);
	}
	skip(v);
}

/* The name of one: "boundary", or a piece of it, "boundary*0" (RFC 2231). */
static bool
is_boundary(const struct mime_word *name)
{
	return view_equal(view_word(name), VIEW("boundary")) ||
	    view_starts(view_word(name), VIEW("boundary*"));
}

static void
read_boundary(struct view v, struct mime_word *boundary)
{
	boundary->len = 0;
	for (skip_to_parameter(&v); v.len > 0; skip_to_parameter(&v)) {
		struct mime_word name = { .len = 0 };

		read_word(&v, &name);
		fold(&name);
		skip_blanks(&v);
		if (!starts_with(v, '='))
			continue;
		skip(&v);
		if (is_boundary(&name))
			read_value(&v, boundary);
	}
}

static enum mime_encoding
encoding_of(struct view value)
{
	struct mime_word word = first_word(value);

	if (view_equal(view_word(&word), VIEW("base64")))
		return MIME_BASE64;
	return view_equal(view_word(&word), VIEW("quoted-printable"))
	    ? MIME_QUOTED_PRINTABLE
	    : MIME_AS_IS;
}

void
mimefield_read(struct view field, struct mime_part *part, struct mime_word *boundary)
{
	struct mime_word word;
	struct view name, value;

	if (!view_starts_nocase(field, VIEW("content-")) ||
	    !view_cut(field, ':', &name, &value))
		return;
	name = view_trim_right(name);
	if (view_equal_nocase(name, VIEW("content-type"))) {
		word = first_word(value);
		if (word.len > 0)
			part->type = word;
		read_boundary(value, boundary);
	} else if (view_equal_nocase(name, VIEW("content-transfer-encoding"))) {
		part->encoding = encoding_of(value);
	} else if (view_equal_nocase(name, VIEW("content-disposition"))) {
		word = first_word(value);
		part->is_attachment = view_equal(view_word(&word), VIEW("attachment"));
	}
}
