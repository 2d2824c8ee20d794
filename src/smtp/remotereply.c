#include "smtp/remotereply.h"

#include "lib/ascii.h"

enum { CODE_DIGITS = 3, AFTER_CODE = 3 };

void
remotereply_start(struct remotereply *r)
{
	str_clear(&r->text);
	r->code = 0;
	r->lines = r->octets = 0;
	r->column = 0;
	r->more = false;
}

static void
keep(struct remotereply *r, char c)
{
	if (c == '\r' || r->text.len == REMOTEREPLY_TEXT)
		return;
	if (r->column < REMOTEREPLY_LINE || c == '\n')
		str_append_byte(&r->text, c ? c : '?');
}

/* The code and what follows it; false if that is not how a reply line begins. */
static bool
take_prefix(struct remotereply *r, char c)
{
	if (r->column == 0)
		r->code = 0;
	if (r->column < CODE_DIGITS) {
		r->code = r->code * 10 + (unsigned)(c - '0');
		return ascii_is_digit(c) && r->code != 0;
	}
	r->more = c == '-';
	return c == '-' || c == ' ' || c == '\r' || c == '\n';
}

static enum remotereply_status
take(struct remotereply *r, char c)
{
	if (++r->octets > r->max_octets)
		return REMOTEREPLY_MALFORMED;
	if (r->column <= AFTER_CODE && !take_prefix(r, c))
		return REMOTEREPLY_MALFORMED;
	keep(r, c);
	r->column++;
	if (c != '\n')
		return REMOTEREPLY_MORE;
	r->column = 0;
	if (!r->more)
		return REMOTEREPLY_DONE;
	return ++r->lines < r->max_lines ? REMOTEREPLY_MORE : REMOTEREPLY_MALFORMED;
}

enum remotereply_status
remotereply_add(struct remotereply *r, struct view octets, size_t *used)
{
	enum remotereply_status status = REMOTEREPLY_MORE;
	size_t i;

	for (i = 0; i < octets.len && status == REMOTEREPLY_MORE; i++)
		status = take(r, octets.at[i]);
	*used = i;
	return status;
}

unsigned
remotereply_class(const struct remotereply *r)
{
	return r->code / 100;
}

void
remotereply_free(struct remotereply *r)
{
	str_free(&r->text);
}
