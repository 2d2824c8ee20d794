#include "server/addfields.h"

#include "lib/ascii.h"

void
addfields_start(struct addfields *a, const struct view fields[], size_t count)
{
	struct str held = a->held, out = a->out;
	size_t i;

	str_clear(&held);
	str_clear(&out);
	*a = (struct addfields) { .held = held, .out = out };
	for (i = 0; i < count && i < ADDFIELDS_MAX; i++)
		a->fields[a->count++] = fields[i];
}

void
addfields_free(struct addfields *a)
{
	str_free(&a->held);
	str_free(&a->out);
}

static void
release(struct addfields *a)
{
	str_append(&a->out, str_view(&a->held));
	str_clear(&a->held);
}

static bool
lacks_any(const struct addfields *a)
{
	size_t i;

	for (i = 0; i < a->count; i++)
		if (!a->is_there[i])
			return true;
	return false;
}

/* The header ends here. */
static void
add_missing(struct addfields *a)
{
	size_t i;

	for (i = 0; i < a->count; i++)
		if (!a->is_there[i])
			str_append(&a->out, a->fields[i]);
	a->state = ADDFIELDS_BODY;
}

/* It ends without an empty line; with fields of ours in it there has to be one. */
static void
add_missing_and_line(struct addfields *a)
{
	bool is_lacking = lacks_any(a);

	add_missing(a);
	if (is_lacking)
		str_append_byte(&a->out, '\n');
}

/* A field's name is held, and its colon was seen. */
static void
note_field(struct addfields *a)
{
	struct view name = view_trim_right(str_view(&a->held));
	size_t i;

	for (i = 0; i < a->count; i++) {
		struct view wanted = a->fields[i];

		if (view_equal_nocase(name, view_first(wanted, view_index(wanted, ':'))))
			a->is_there[i] = true;
	}
}

/* The first line of a message in a mailbox; some send it along. */
static bool
is_mailbox_line(const struct addfields *a)
{
	return !a->saw_line &&
	    (view_starts(str_view(&a->held), VIEW("From ")) ||
		view_starts(str_view(&a->held), VIEW(">From ")));
}

/* What is held, and then `c`, is no field: this is the body already. */
static void
end_without_line(struct addfields *a, char c)
{
	if (is_mailbox_line(a)) {
		release(a);
		str_append_byte(&a->out, c);
		a->saw_line = true;
		a->state = c == '\n' ? ADDFIELDS_NAME : ADDFIELDS_LINE;
		return;
	}
	add_missing_and_line(a);
	release(a);
	str_append_byte(&a->out, c);
}

static bool
may_be_name(const struct addfields *a, char c)
{
	struct view held = str_view(&a->held);

	if (held.len >= ADDFIELDS_NAME_MAX)
		return false;
	if (ascii_is_blank(c)) /* between the name and its colon: obsolete, but allowed */
		return held.len > 0;
	return ascii_is_graphic(c) &&
	    (held.len == 0 || !ascii_is_blank(held.at[held.len - 1]));
}

static void
in_name(struct addfields *a, char c)
{
	bool is_start = a->held.len == 0;

	if (is_start && c == '\n') {
		add_missing(a);
		str_append_byte(&a->out, c);
	} else if (is_start && ascii_is_blank(c) && a->saw_line) {
		str_append_byte(&a->out, c);
		a->state = ADDFIELDS_LINE;
	} else if (!is_start && c == ':') {
		note_field(a);
		release(a);
		str_append_byte(&a->out, c);
		a->saw_line = true;
		a->state = ADDFIELDS_LINE;
	} else if (c != ':' && may_be_name(a, c)) {
		str_append_byte(&a->held, c);
	} else {
		end_without_line(a, c);
	}
}

/* The rest of a line: how much of `in` that is. */
static size_t
pass_line(struct addfields *a, struct view in)
{
	size_t end = view_index(in, '\n');
	bool is_whole = end < in.len;

	str_append(&a->out, view_first(in, end + is_whole));
	if (is_whole)
		a->state = ADDFIELDS_NAME;
	return end + is_whole;
}

struct view
addfields_push(struct addfields *a, struct view in)
{
	if (a->state == ADDFIELDS_BODY)
		return in;
	str_clear(&a->out);
	while (in.len > 0 && a->state != ADDFIELDS_BODY) {
		size_t used = 1;

		if (a->state == ADDFIELDS_LINE)
			used = pass_line(a, in);
		else
			in_name(a, *in.at);
		in = view_from(in, used);
	}
	str_append(&a->out, in);
	return str_view(&a->out);
}

struct view
addfields_end(struct addfields *a)
{
	str_clear(&a->out);
	if (a->state == ADDFIELDS_LINE && lacks_any(a))
		str_append_byte(&a->out, '\n');
	if (a->held.len > 0)
		add_missing_and_line(a);
	else if (a->state != ADDFIELDS_BODY)
		add_missing(a);
	release(a);
	return str_view(&a->out);
}
