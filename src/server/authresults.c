#include "server/authresults.h"

#include "lib/ascii.h"

static const struct view field_name = { "authentication-results", 22 };

void
authresults_start(struct authresults *a, struct view own)
{
	struct str held = a->held, out = a->out;

	str_clear(&held);
	str_clear(&out);
	*a = (struct authresults) { .own = own, .held = held, .out = out };
}

void
authresults_free(struct authresults *a)
{
	str_free(&a->held);
	str_free(&a->out);
}

/* It is known whose field it is. */
static void
settle(struct authresults *a, bool is_ours)
{
	if (is_ours)
		str_append_text(&a->out, AUTHRESULTS_RENAMED);
	str_append(&a->out, str_view(&a->held));
	str_clear(&a->held);
}

/* `c` is the first octet that is of no interest. */
static void
give_up(struct authresults *a, char c, bool is_ours)
{
	settle(a, is_ours);
	str_append_byte(&a->out, c);
	a->state = c == '\n' ? AUTHRESULTS_NAME : AUTHRESULTS_LINE;
	a->matched = 0;
}

static void
in_name(struct authresults *a, char c)
{
	if (a->matched == 0 && c == '\n') {
		str_append_byte(&a->out, c);
		a->state = AUTHRESULTS_BODY;
		return;
	}
	if (ascii_lower(c) != field_name.at[a->matched]) {
		give_up(a, c, false);
		return;
	}
	str_append_byte(&a->held, c);
	if (++a->matched == field_name.len)
		a->state = AUTHRESULTS_COLON;
}

static void
in_colon(struct authresults *a, char c)
{
	if (c != ':' && !ascii_is_blank(c)) {
		give_up(a, c, false);
		return;
	}
	str_append_byte(&a->held, c);
	if (c != ':')
		return;
	a->state = AUTHRESULTS_SKIP;
	a->matched = a->depth = 0;
	a->differs = a->quoted = a->escaped = false;
}

static void
add_to_id(struct authresults *a, char c)
{
	if (a->matched == a->own.len ||
	    ascii_lower(c) != ascii_lower(a->own.at[a->matched]))
		a->differs = true;
	else
		a->matched++;
}

/* An octet of the id, `c`, or the one behind it, with which it is known. */
static void
in_id(struct authresults *a, char c)
{
	bool is_end = a->quoted
	    ? !a->escaped && (c == '"' || c == '\n')
	    : ascii_is_blank(c) || c == ';' || c == '(' || c == '\n' || c == '\r';

	if (is_end) {
		give_up(a, c, !a->differs && a->matched == a->own.len);
		return;
	}
	str_append_byte(&a->held, c);
	if (a->quoted && !a->escaped && c == '\\') {
		a->escaped = true;
		return;
	}
	a->escaped = false;
	add_to_id(a, c);
}

static void
in_comment(struct authresults *a, char c)
{
	if (a->escaped)
		a->escaped = false;
	else if (c == '\\')
		a->escaped = true;
	else if (c == '(')
		a->depth++;
	else if (c == ')')
		a->depth--;
}

static void
in_skip(struct authresults *a, char c)
{
	if (c == '\n') {
		str_append_byte(&a->held, c);
		a->escaped = false;
		a->state = AUTHRESULTS_NEWLINE;
	} else if (a->depth > 0) {
		str_append_byte(&a->held, c);
		in_comment(a, c);
	} else if (ascii_is_blank(c) || c == '\r') {
		str_append_byte(&a->held, c);
	} else if (c == '(') {
		str_append_byte(&a->held, c);
		a->depth = 1;
	} else {
		a->state = AUTHRESULTS_ID;
		a->quoted = c == '"';
		if (a->quoted)
			str_append_byte(&a->held, c);
		else
			in_id(a, c);
	}
}

static void
in_newline(struct authresults *a, char c)
{
	if (ascii_is_blank(c)) {
		a->state = AUTHRESULTS_SKIP;
		str_append_byte(&a->held, c);
		return;
	}
	settle(a, false); /* a field that names nobody */
	a->state = AUTHRESULTS_NAME;
	a->matched = 0;
	in_name(a, c);
}

static void
take(struct authresults *a, char c)
{
	switch (a->state) {
	case AUTHRESULTS_NAME:
		in_name(a, c);
		break;
	case AUTHRESULTS_COLON:
		in_colon(a, c);
		break;
	case AUTHRESULTS_SKIP:
		in_skip(a, c);
		break;
	case AUTHRESULTS_NEWLINE:
		in_newline(a, c);
		break;
	default: /* AUTHRESULTS_ID */
		in_id(a, c);
		break;
	}
	if (a->held.len > AUTHRESULTS_HELD_MAX) {
		settle(a, true);
		a->state = c == '\n' ? AUTHRESULTS_NAME : AUTHRESULTS_LINE;
		a->matched = 0;
	}
}

/* The rest of a line that is of no interest: how much of `in` that is. */
static size_t
pass_line(struct authresults *a, struct view in)
{
	size_t end = view_index(in, '\n');
	bool is_whole = end < in.len;

	str_append(&a->out, view_first(in, end + is_whole));
	if (is_whole) {
		a->state = AUTHRESULTS_NAME;
		a->matched = 0;
	}
	return end + is_whole;
}

struct view
authresults_push(struct authresults *a, struct view in)
{
	if (a->state == AUTHRESULTS_BODY)
		return in;
	str_clear(&a->out);
	while (in.len > 0) {
		size_t used = 1;

		if (a->state == AUTHRESULTS_BODY) {
			str_append(&a->out, in);
			break;
		}
		if (a->state == AUTHRESULTS_LINE)
			used = pass_line(a, in);
		else
			take(a, *in.at);
		in = view_from(in, used);
	}
	return str_view(&a->out);
}

struct view
authresults_end(struct authresults *a)
{
	str_clear(&a->out);
	settle(a, a->state == AUTHRESULTS_ID && !a->differs && a->matched == a->own.len);
	return str_view(&a->out);
}
