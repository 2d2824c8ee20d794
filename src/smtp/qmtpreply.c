#include "smtp/qmtpreply.h"

#include "lib/ascii.h"

void
qmtpreply_start(struct qmtpreply *r)
{
	str_clear(&r->text);
	r->letter = 0;
	r->left = 0;
	r->state = QMTPREPLY_LENGTH;
}

static enum qmtpreply_status
take_length(struct qmtpreply *r, char c)
{
	if (c == ':' && r->left > 0) {
		r->state = QMTPREPLY_LETTER;
		return QMTPREPLY_MORE;
	}
	if (!ascii_is_digit(c))
		return QMTPREPLY_MALFORMED;
	/* No leading zero, so that a length has one form and comes to its end. */
	r->left = r->left * 10 + (uint64_t)(c - '0');
	return r->left == 0 || r->left > r->max ? QMTPREPLY_MALFORMED : QMTPREPLY_MORE;
}

static enum qmtpreply_status
take_letter(struct qmtpreply *r, char c)
{
	r->letter = c;
	r->state = --r->left > 0 ? QMTPREPLY_OCTETS : QMTPREPLY_COMMA;
	return c == 'K' || c == 'Z' || c == 'D' ? QMTPREPLY_MORE : QMTPREPLY_MALFORMED;
}

static enum qmtpreply_status
take_octet(struct qmtpreply *r, char c)
{
	if (c != '\r' && r->text.len < QMTPREPLY_TEXT)
		str_append_byte(&r->text, c ? c : '?');
	if (--r->left == 0)
		r->state = QMTPREPLY_COMMA;
	return QMTPREPLY_MORE;
}

static enum qmtpreply_status
take(struct qmtpreply *r, char c)
{
	switch (r->state) {
	case QMTPREPLY_LENGTH:
		return take_length(r, c);
	case QMTPREPLY_LETTER:
		return take_letter(r, c);
	case QMTPREPLY_OCTETS:
		return take_octet(r, c);
	case QMTPREPLY_COMMA:
		break;
	}
	return c == ',' ? QMTPREPLY_DONE : QMTPREPLY_MALFORMED;
}

enum qmtpreply_status
qmtpreply_add(struct qmtpreply *r, struct view octets, size_t *used)
{
	enum qmtpreply_status status = QMTPREPLY_MORE;
	size_t i;

	for (i = 0; i < octets.len && status == QMTPREPLY_MORE; i++)
		status = take(r, octets.at[i]);
	*used = i;
	return status;
}

void
qmtpreply_free(struct qmtpreply *r)
{
	str_free(&r->text);
}
