/* Every message of up to seven octets over CR, LF, dot, a, NUL and 0xFF on its whole way: decoded from DATA
 * and from chunks under every policy, cut into reads in every way, against an oracle that looks at whole
 * lines; then written again as qmail-remote does, and decoded once more: one message, the same octets
 * (inbound 3.4 and 9.2, outbound 2.8). */
#include "unit/unit.h"

#include "smtp/bodywriter.h"
#include "smtp/dotstream.h"

#ifdef SANITIZE
enum { LONGEST = 5 }; /* the plain build goes all the way */
#else
enum { LONGEST = 7 };
#endif

static const char ALPHABET[] = { '\r', '\n', '.', 'a', '\0', (char)0xff };
static const char END[] = "\r\n.\r\n";
enum {
	DEFAULT,
	STRICT,
	MAIN_POLICIES
}; /* rows of `policies`; the others go one octet less far */
enum { END_LEN = sizeof END - 1, INPUT = LONGEST + END_LEN, ROOM = 4 * INPUT };

struct policy {
	enum bare_cr cr;
	enum bare_lf lf;
	bool chunked;
};

static const struct policy policies[] = {
	[DEFAULT] = { BARE_CR_SPACE, BARE_LF_CLOSE, false },
	[STRICT] = { BARE_CR_KEEP, BARE_LF_CLOSE, false },
	{ BARE_CR_REJECT, BARE_LF_CLOSE, false },
	{ BARE_CR_SPACE, BARE_LF_REJECT, false },
	{ BARE_CR_KEEP, BARE_LF_REJECT, false },
	{ BARE_CR_REJECT, BARE_LF_REJECT, false },
	{ BARE_CR_SPACE, BARE_LF_ACCEPT, false },
	{ BARE_CR_KEEP, BARE_LF_ACCEPT, false },
	{ BARE_CR_REJECT, BARE_LF_ACCEPT, false },
	{ BARE_CR_SPACE, BARE_LF_CLOSE, true },
	{ BARE_CR_KEEP, BARE_LF_CLOSE, true },
	{ BARE_CR_SPACE, BARE_LF_ACCEPT, true },
};

struct result {
	char out[ROOM];
	size_t len, used;
	bool ended, stray, saw_cr, saw_lf;
};

static void
fail_on(struct view in, const char *what)
{
	size_t i;

	print_error("input:");
	for (i = 0; i < in.len; i++)
		print_error(" %02x", (unsigned char)in.at[i]);
	fail_msg("%s", what);
}

/* --- the oracle: lines, not octets ------------------------------------------------------------------ */

static size_t
line_end(struct view in, size_t from, enum bare_lf lf, bool *bare)
{
	size_t i;

	for (i = from; i < in.len; i++) {
		if (in.at[i] != '\n')
			continue;
		*bare = i == from || in.at[i - 1] != '\r';
		if (!*bare || lf != BARE_LF_REJECT)
			return i;
	}
	return in.len;
}

static void
store_part(struct result *r, struct view part, enum bare_cr cr)
{
	size_t i;

	for (i = 0; i < part.len; i++) {
		bool is_cr = part.at[i] == '\r';

		r->saw_cr |= is_cr;
		r->saw_lf |= part.at[i] == '\n';
		r->out[r->len++] = is_cr && cr == BARE_CR_SPACE ? ' ' : part.at[i];
	}
}

static void
store_line(struct result *r, struct view line, const struct policy *p)
{
	if (!p->chunked && line.len > 1 && line.at[0] == '.' && line.at[1] != '\r')
		line = view_from(line, 1);
	store_part(r, line, p->cr);
	r->out[r->len++] = '\n';
}

static void
decode_by_lines(struct view in, const struct policy *p, struct result *r)
{
	bool after_bare = false, bare = false;
	size_t from = 0;

	memset(r, 0, sizeof *r);
	for (;;) {
		size_t end = line_end(in, from, p->lf, &bare);
		struct view line;

		if (end == in.len)
			break;
		r->used = end + 1;
		if (bare && p->lf == BARE_LF_CLOSE) {
			r->stray = r->saw_lf = true;
			return;
		}
		line = view_from(view_first(in, bare ? end : end - 1), from);
		r->ended =
		    !p->chunked && !bare && !after_bare && view_equal(line, VIEW("."));
		if (r->ended)
			return;
		r->saw_lf |= bare;
		store_line(r, line, p);
		after_bare = bare;
		from = end + 1;
	}
	if (p->chunked) { /* the last chunk ends it, in the middle of a line too */
		store_part(r, view_from(in, from), p->cr);
		r->used = in.len;
		r->ended = true;
	}
}

/* --- the decoder, an octet at a time, and every piece at once ------------------------------------------- */

/* What it is, and has put out, after each octet. */
struct track {
	struct dotstream after[INPUT + 1];
	size_t len[INPUT + 1];
	char out[ROOM];
	size_t end; /* octets taken before it was over */
};

static void
follow(struct view in, const struct policy *p, struct track *t)
{
	size_t i = 0, made;

	t->after[0] = (struct dotstream) {
		.bare_cr = p->cr, .bare_lf = p->lf, .chunked = p->chunked
	};
	t->len[0] = 0;
	while (i < in.len && !dotstream_is_over(&t->after[i])) {
		t->after[i + 1] = t->after[i];
		if (dotstream_push(&t->after[i + 1], (struct view) { in.at + i, 1 },
			t->out + t->len[i], &made) != 1)
			fail_on(in, "an octet was not used");
		t->len[i + 1] = t->len[i] + made;
		i++;
	}
	t->end = i;
}

static bool
is_same(const struct dotstream *a, const struct dotstream *b)
{
	return a->state == b->state && a->after_bare_lf == b->after_bare_lf &&
	    a->hops.in_body == b->hops.in_body && a->saw_bare_cr == b->saw_bare_cr &&
	    a->saw_bare_lf == b->saw_bare_lf && a->octets == b->octets &&
	    a->hops.count == b->hops.count && a->hops.name_len == b->hops.name_len &&
	    memcmp(a->hops.name, b->hops.name, a->hops.name_len) == 0;
}

static void
check_piece(struct view in, const struct track *t, size_t from, size_t to)
{
	struct dotstream d = t->after[from];
	size_t end = to < t->end ? to : t->end, made, used;
	char out[INPUT + DOTSTREAM_HELD];

	used = dotstream_push(&d, (struct view) { in.at + from, to - from }, out, &made);
	if (used != end - from || made > to - from + DOTSTREAM_HELD ||
	    made != t->len[end] - t->len[from] ||
	    memcmp(out, t->out + t->len[from], made) != 0 || !is_same(&d, &t->after[end]))
		fail_on(
		    in, "the octets of a piece at once are not what they are one by one");
}

/* From whatever the octets before a piece have made of the decoder, the piece at once does what its octets
 * do one by one: so, piece after piece, every cutting does.  Pieces that end within the message
 * are looked at with the shorter message that ends there. */
static void
check_cuts(struct view in, const struct track *t)
{
	size_t from, to;

	for (to = in.len - END_LEN; to <= in.len; to++)
		for (from = 0; from < to && from < t->end; from++)
			check_piece(in, t, from, to);
}

static void
check_result(struct view in, const struct track *t, const struct result *right)
{
	struct dotstream d = t->after[t->end];
	char held[DOTSTREAM_HELD];
	size_t len = t->len[t->end], more = 0;

	if (d.chunked)
		more = dotstream_finish(&d, held);
	if ((d.state == DOTS_END) != right->ended ||
	    (d.state == DOTS_STRAY_LF) != right->stray || t->end != right->used ||
	    d.octets != len + more)
		fail_on(in, "it does not end where it should");
	if (!right->ended)
		return;
	if (len + more != right->len || memcmp(t->out, right->out, len) != 0 ||
	    memcmp(held, right->out + len, more) != 0 || d.saw_bare_cr != right->saw_cr ||
	    d.saw_bare_lf != right->saw_lf)
		fail_on(in, "other octets come out");
}

/* --- and on to the next host ------------------------------------------------------------------------------ */

/* A message in the queue's form as lines: CR, CRLF and LF each end one, and so does the end. */
static size_t
line_form(struct view stored, char *out)
{
	size_t i, len = 0;

	for (i = 0; i < stored.len; i++) {
		bool is_cr = stored.at[i] == '\r';

		if (stored.at[i] == '\n' && i > 0 && stored.at[i - 1] == '\r')
			continue;
		out[len++] = is_cr ? '\n' : stored.at[i];
	}
	if (len > 0 && out[len - 1] != '\n')
		out[len++] = '\n';
	return len;
}

/* A line with one dot, whatever somebody takes for the ends of lines; the first line counts. */
static size_t
lone_dots(struct view wire)
{
	size_t i, found = 0;

	for (i = 0; i + 1 < wire.len; i++)
		found += wire.at[i] == '.' &&
		    (i == 0 || wire.at[i - 1] == '\r' || wire.at[i - 1] == '\n') &&
		    (wire.at[i + 1] == '\r' || wire.at[i + 1] == '\n');
	return found;
}

static void
write_message(struct view stored, size_t step, struct str *wire)
{
	struct bodywriter b = { 0 };

	str_clear(wire);
	for (; stored.len > 0; stored = view_from(stored, step))
		bodywriter_add(&b, view_first(stored, step), wire);
	if (bodywriter_is_partial(&b))
		str_append_text(wire, "\r\n");
	str_append_text(wire, ".\r\n");
}

static void
check_next_host(struct view stored, struct str *wire, struct str *again)
{
	struct dotstream d = { .bare_cr = BARE_CR_KEEP };
	char out[ROOM], right[ROOM];
	size_t made, used, len = line_form(stored, right);

	write_message(stored, ROOM, wire);
	write_message(stored, 1, again);
	if (!view_equal(str_view(wire), str_view(again)))
		fail_on(stored, "it is written otherwise octet by octet");
	used = dotstream_push(&d, str_view(wire), out, &made);
	if (used != wire->len || d.state != DOTS_END || d.saw_bare_cr || d.saw_bare_lf ||
	    lone_dots(str_view(wire)) != 1)
		fail_on(stored, "the next host does not see one message");
	if (made != len || memcmp(out, right, len) != 0)
		fail_on(stored, "the next host sees other octets");
}

/* --- every message ---------------------------------------------------------------------------------------- */

struct buffers {
	char in[INPUT];
	struct str wire, again;
	size_t count;
};

static void
check_message(struct buffers *b, size_t len)
{
	struct view in = { b->in, len + END_LEN };
	struct result right;
	struct track t;
	size_t i;

	memcpy(b->in + len, END, END_LEN);
	for (i = 0; i < (len < LONGEST ? COUNT(policies) : MAIN_POLICIES); i++) {
		follow(in, &policies[i], &t);
		check_cuts(in, &t);
		decode_by_lines(in, &policies[i], &right);
		check_result(in, &t, &right);
		if (right.ended)
			check_next_host(
			    (struct view) { right.out, right.len }, &b->wire, &b->again);
	}
	check_next_host((struct view) { b->in, len }, &b->wire, &b->again);
	b->count++;
}

/* Set the octets of `len` and all that may follow them. */
static void
check_all_from(struct buffers *b, size_t len)
{
	size_t i;

	check_message(b, len);
	for (i = 0; len < LONGEST && i < sizeof ALPHABET; i++) {
		b->in[len] = ALPHABET[i];
		check_all_from(b, len + 1);
	}
}

static void
every_message(void **state)
{
	struct buffers b = { .count = 0 };
	size_t expected = 0, of_length = 1, i;

	(void)state;
	for (i = 0; i <= LONGEST; i++, of_length *= sizeof ALPHABET)
		expected += of_length;
	check_all_from(&b, 0);
	assert_int_equal(b.count, expected);
	str_free(&b.wire);
	str_free(&b.again);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_message),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
