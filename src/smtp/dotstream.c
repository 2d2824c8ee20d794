#include "smtp/dotstream.h"

#include <string.h>

enum { LOOK_AHEAD = 1024 }; /* bounds what a scan may look at twice */

struct output {
	char *at;
	size_t len;
};

static void
put(struct output *out, char c)
{
	out->at[out->len++] = c;
}

static void
put_stray_cr(struct dotstream *d, struct output *out)
{
	d->saw_bare_cr = true;
	put(out, d->bare_cr == BARE_CR_SPACE ? ' ' : '\r');
}

static void
end_line(struct dotstream *d, struct output *out, bool bare)
{
	put(out, '\n');
	hops_line_ends(&d->hops);
	d->after_bare_lf = bare;
	d->state = DOTS_LINE_START;
}

/* --- one octet at a time: whatever is near a CR, an LF or a leading dot ------------------------- */

static void
stray_lf(struct dotstream *d, struct output *out)
{
	d->saw_bare_lf = true;
	switch (d->bare_lf) {
	case BARE_LF_CLOSE:
		d->state = DOTS_STRAY_LF;
		return;
	case BARE_LF_REJECT:
		put(out, '\n');
		d->state = DOTS_IN_LINE;
		return;
	case BARE_LF_ACCEPT:
		if (d->state == DOTS_DOT)
			put(out, '.');
		end_line(d, out, true);
		return;
	}
}

static void
at_line_end_mark(struct dotstream *d, struct output *out)
{
	switch (d->state) {
	case DOTS_DOT_CR:
		if (!d->after_bare_lf) {
			d->state = DOTS_END;
			return;
		}
		put(out, '.');
		end_line(d, out, false);
		return;
	case DOTS_CR:
		end_line(d, out, false);
		return;
	default:
		stray_lf(d, out);
	}
}

static void
at_cr(struct dotstream *d, struct output *out)
{
	switch (d->state) {
	case DOTS_DOT:
		d->state = DOTS_DOT_CR;
		return;
	case DOTS_DOT_CR: /* ".", a stray CR, and perhaps the one of a line end */
		put(out, '.');
		put_stray_cr(d, out);
		break;
	case DOTS_CR:
		put_stray_cr(d, out);
		break;
	default:
		break;
	}
	d->state = DOTS_CR;
}

static void
at_other(struct dotstream *d, struct output *out, char c)
{
	if (d->state == DOTS_LINE_START && c == '.' && !d->chunked) {
		d->state = DOTS_DOT;
		return;
	}
	if (d->state == DOTS_DOT_CR)
		put(out, '.');
	if (d->state == DOTS_DOT_CR || d->state == DOTS_CR)
		put_stray_cr(d, out);
	put(out, c);
	d->state = DOTS_IN_LINE;
}

/* The CR of an empty line is not noted before it is known to be stray: a line whose name is
 * empty when it ends is an empty line. */
static void
note_octet(struct dotstream *d, char c)
{
	if (d->state == DOTS_CR || d->state == DOTS_DOT_CR)
		hops_note(&d->hops, VIEW("\r"));
	if (c != '\r')
		hops_note(&d->hops, (struct view) { &c, 1 });
}

static void
step(struct dotstream *d, struct output *out, char c)
{
	if (c != '\n')
		note_octet(d, c);
	if (c == '\n')
		at_line_end_mark(d, out);
	else if (c == '\r')
		at_cr(d, out);
	else
		at_other(d, out, c);
}

/* --- many at a time: text between them ------------------------------------------------------- */

/* How many octets, of the first LOOK_AHEAD, come before a CR or LF. */
static size_t
plain_run(struct view in)
{
	size_t run;

	in = view_first(in, LOOK_AHEAD);
	run = view_index(in, '\r');
	return view_index(view_first(in, run), '\n');
}

static bool
may_run(const struct dotstream *d, char next)
{
	return d->state == DOTS_IN_LINE ||
	    (d->state == DOTS_LINE_START && (next != '.' || d->chunked));
}

static size_t
copy_run(struct dotstream *d, struct view in, struct output *out)
{
	struct view run = view_first(in, plain_run(in));

	if (run.len == 0)
		return 0;
	hops_note(&d->hops, run);
	memcpy(out->at + out->len, run.at, run.len);
	out->len += run.len;
	d->state = DOTS_IN_LINE;
	return run.len;
}

bool
dotstream_is_over(const struct dotstream *d)
{
	return d->state == DOTS_END || d->state == DOTS_STRAY_LF;
}

size_t
dotstream_push(struct dotstream *d, struct view in, char *out, size_t *out_len)
{
	struct output output = { out, 0 };
	size_t used = 0;

	while (used < in.len && !dotstream_is_over(d)) {
		if (may_run(d, in.at[used]))
			used += copy_run(d, view_from(in, used), &output);
		if (used < in.len && !dotstream_is_over(d))
			step(d, &output, in.at[used++]);
	}
	d->octets += output.len;
	*out_len = output.len;
	return used;
}

size_t
dotstream_finish(struct dotstream *d, char *out)
{
	struct output output = { out, 0 };

	if (dotstream_is_over(d))
		return 0;
	if (d->state == DOTS_CR)
		put_stray_cr(d, &output);
	d->octets += output.len;
	d->state = DOTS_END;
	return output.len;
}
