/* The DATA decoder: every short input over an alphabet of what matters, under every policy and
 * every split, against an oracle that looks at whole lines; then cases by name. */
#include "smtp/dotstream.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum { LONGEST = 5, ROOM = 4096 };

struct result {
	char out[ROOM];
	size_t len, used;
	bool ended, stray, saw_cr, saw_lf;
};

/* --- the oracle: lines, not octets ---------------------------------------------------------------- */

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
store_line(struct result *r, struct view line, enum bare_cr cr)
{
	size_t i = line.len > 1 && line.at[0] == '.' && line.at[1] != '\r' ? 1 : 0;

	for (; i < line.len; i++) {
		bool is_cr = line.at[i] == '\r';

		r->saw_cr |= is_cr;
		r->saw_lf |= line.at[i] == '\n';
		r->out[r->len++] = is_cr && cr == BARE_CR_SPACE ? ' ' : line.at[i];
	}
	r->out[r->len++] = '\n';
}

static void
decode_by_lines(struct view in, enum bare_cr cr, enum bare_lf lf, struct result *r)
{
	bool after_bare = false, bare = false;
	size_t from = 0;

	memset(r, 0, sizeof *r);
	for (;;) {
		size_t end = line_end(in, from, lf, &bare);
		struct view line;

		if (end == in.len)
			return;
		r->used = end + 1;
		if (bare && lf == BARE_LF_CLOSE) {
			r->stray = true;
			return;
		}
		line = view_from(view_first(in, bare ? end : end - 1), from);
		if (!bare && !after_bare && view_equal(line, VIEW("."))) {
			r->ended = true;
			return;
		}
		r->saw_lf |= bare;
		store_line(r, line, cr);
		after_bare = bare;
		from = end + 1;
	}
}

/* --- the decoder, fed in pieces --------------------------------------------------------------------- */

static void
decode(struct view in, unsigned cuts, enum bare_cr cr, enum bare_lf lf, struct result *r)
{
	struct dotstream d = { .bare_cr = cr, .bare_lf = lf };
	size_t from = 0, i;

	memset(r, 0, sizeof *r);
	for (i = 1; i <= in.len && !dotstream_is_over(&d); i++) {
		struct view piece = view_from(view_first(in, i), from);
		char out[ROOM];
		size_t made, used;

		if (i < in.len && (i > 31 || !(cuts >> (i - 1) & 1)))
			continue;
		used = dotstream_push(&d, piece, out, &made);
		assert_true(made <= piece.len + DOTSTREAM_HELD);
		assert_true(used == piece.len || dotstream_is_over(&d));
		memcpy(r->out + r->len, out, made);
		r->len += made;
		r->used += used;
		from = i;
	}
	assert_int_equal(d.octets, r->len);
	r->ended = d.state == DOTS_END;
	r->stray = d.state == DOTS_STRAY_LF;
	r->saw_cr = d.saw_bare_cr;
	r->saw_lf = d.saw_bare_lf;
}

static void
show(struct view v)
{
	size_t i;

	for (i = 0; i < v.len; i++)
		print_error("%02x ", (unsigned char)v.at[i]);
	print_error("\n");
}

static void
compare(struct view in, unsigned cuts, enum bare_cr cr, enum bare_lf lf,
    const struct result *expected)
{
	struct result r;
	bool same;

	decode(in, cuts, cr, lf, &r);
	same = r.ended == expected->ended && r.stray == expected->stray &&
	    r.used == expected->used;
	if (same && r.ended)
		same = r.len == expected->len && !memcmp(r.out, expected->out, r.len) &&
		    r.saw_cr == expected->saw_cr && r.saw_lf == expected->saw_lf;
	if (same)
		return;
	print_error("cr %d lf %d cuts %x, input: ", (int)cr, (int)lf, cuts);
	show(in);
	print_error("got ended %d stray %d used %zu: ", r.ended, r.stray, r.used);
	show((struct view) { r.out, r.len });
	print_error("expected ended %d stray %d used %zu: ", expected->ended,
	    expected->stray, expected->used);
	show((struct view) { expected->out, expected->len });
	fail();
}

/* Every policy, every way to cut the input's first octets, on `in` and the end of a message. */
static void
check_one(const char *octets, size_t len)
{
	char whole[LONGEST + 5];
	struct view in = { whole, len + 5 };
	unsigned cuts;
	int cr, lf;

	memcpy(whole, octets, len);
	memcpy(whole + len, "\r\n.\r\n", 5);
	for (cr = BARE_CR_SPACE; cr <= BARE_CR_REJECT; cr++)
		for (lf = BARE_LF_CLOSE; lf <= BARE_LF_ACCEPT; lf++) {
			struct result expected;

			decode_by_lines(
			    in, (enum bare_cr)cr, (enum bare_lf)lf, &expected);
			for (cuts = 0; cuts < 1U << len; cuts++)
				compare(in, cuts, (enum bare_cr)cr, (enum bare_lf)lf,
				    &expected);
			compare(in, ~0U, (enum bare_cr)cr, (enum bare_lf)lf, &expected);
		}
}

static void
every_short_input(void **state)
{
	static const char alphabet[] = { '\r', '\n', '.', 'a', '\0', (char)0xff };
	size_t digits[LONGEST] = { 0 }, len, i;
	char octets[LONGEST];

	(void)state;
	for (len = 0; len <= LONGEST; len++) {
		memset(digits, 0, sizeof digits);
		for (;;) {
			for (i = 0; i < len; i++)
				octets[i] = alphabet[digits[i]];
			check_one(octets, len);
			for (i = 0; i < len && ++digits[i] == sizeof alphabet; i++)
				digits[i] = 0;
			if (i == len)
				break;
		}
	}
}

/* --- by name: appendix A of the contract --------------------------------------------------------------- */

static const struct {
	const char *name, *in, *keep, *space;
} vectors[] = {
	{ "CR . CR", "a\r.\rb", "a\r.\rb\n", "a . b\n" },
	{ "CR . CRLF", "a\r.\r\nb", "a\r.\nb\n", "a .\nb\n" },
	{ "CRLF . CR", "a\r\n.\rb", "a\n.\rb\n", "a\n. b\n" },
	{ "CRLF . CR CRLF", "a\r\n.\r\r\nb", "a\n.\r\nb\n", "a\n. \nb\n" },
	{ "CRLF CR . CRLF", "a\r\n\r.", "a\n\r.\n", "a\n .\n" },
	{ "CR CRLF", "a\r\r\nb", "a\r\nb\n", "a \nb\n" },
	{ "CR CR CR CRLF", "\r\r\r\r\nb", "\r\r\r\nb\n", "   \nb\n" },
	{ "dots", "..\r\n...\r\n.a", ".\n..\na\n", ".\n..\na\n" },
	{ "8 bit", "\xff\x01\xfe", "\xff\x01\xfe\n", "\xff\x01\xfe\n" },
};

static void
golden_vectors(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof vectors / sizeof *vectors; i++) {
		struct result r;
		char in[64];
		int policy;

		snprintf(in, sizeof in, "%s\r\n.\r\n", vectors[i].in);
		for (policy = BARE_CR_SPACE; policy <= BARE_CR_KEEP; policy++) {
			const char *expected =
			    policy == BARE_CR_KEEP ? vectors[i].keep : vectors[i].space;

			decode(view_of(in), 0, (enum bare_cr)policy, BARE_LF_CLOSE, &r);
			r.out[r.len] = '\0';
			if (!r.ended || strcmp(r.out, expected) != 0)
				fail_msg("%s: '%s'", vectors[i].name, r.out);
		}
	}
}

static const struct {
	const char *name, *in;
	uint64_t by_name, by_prefix;
} hops[] = {
	{ "none", "Subject: x\r\n\r\nReceived: x\r\n", 0, 0 },
	{ "both", "Received: x\r\nDelivered-To: y\r\n", 2, 2 },
	{ "case", "rEcEiVeD: x\r\ndELIVERED-tO:\r\n", 2, 2 },
	{ "Received-SPF", "Received-SPF: pass\r\n", 0, 1 },
	{ "prefix only", "Receivedfoo\r\nDelivered\r\nReceive: x\r\n", 0, 2 },
	{ "folded", "X: y\r\n Received: x\r\n", 0, 0 },
	{ "body", "Received: x\r\n\r\nReceived: y\r\n\r\nReceived: z\r\n", 1, 1 },
	{ "a CR is no empty line", "a\r\n\r\r\nReceived: y\r\n", 1, 1 },
	{ "a CR before it", "\rReceived: y\r\nRe\rceived: y\r\n", 0, 0 },
	{ "a stuffed dot before it", ".Received: y\r\n..Received: y\r\n", 0, 0 },
	{ "a lone dot and CR", ".\r\r\nReceived: y\r\n", 1, 1 },
};

static void
hop_counts(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof hops / sizeof *hops; i++) {
		int rule, step;

		for (rule = HOPS_BY_NAME; rule <= HOPS_BY_PREFIX; rule++)
			for (step = 1; step < 20; step++) {
				struct dotstream d = { .hop_rule = (enum hop_rule)rule };
				struct view rest = view_of(hops[i].in);
				char out[ROOM];
				size_t made;

				while (rest.len > 0) {
					dotstream_push(&d, view_first(rest, (size_t)step),
					    out, &made);
					rest = view_from(rest, (size_t)step);
				}
				if (d.hops !=
				    (rule ? hops[i].by_prefix : hops[i].by_name))
					fail_msg("%s: rule %d step %d: %llu",
					    hops[i].name, rule, step,
					    (unsigned long long)d.hops);
			}
	}
}

static void
long_lines(void **state)
{
	struct dotstream d = { 0 };
	char in[3000], out[sizeof in + DOTSTREAM_HELD];
	size_t made;

	(void)state;
	memset(in, 'x', sizeof in);
	memcpy(in + 2000, "\r\n.y", 4);
	assert_int_equal(
	    dotstream_push(&d, (struct view) { in, sizeof in }, out, &made), sizeof in);
	assert_int_equal(made, sizeof in - 2);
	assert_memory_equal(out + 1999, "x\nyx", 4);
}

/* In chunks there are no dots: what comes out is what lines with their dots doubled would be. */
static const struct {
	const char *name, *in, *out;
} chunks[] = {
	{ "nothing", "", "" },
	{ "dots", ".\r\n..\r\n.a\r\n", ".\n..\n.a\n" },
	{ "no end of line", "a\r\n.", "a\n." },
	{ "an end mark is data", "a\r\n.\r\nQUIT\r\n", "a\n.\nQUIT\n" },
	{ "CR at the end", "a\r", "a " },
	{ "CR in a line", "a\rb\r\r\n", "a b \n" },
};

static void
in_chunks(void **state)
{
	size_t i, step;

	(void)state;
	for (i = 0; i < sizeof chunks / sizeof *chunks; i++)
		for (step = 1; step < 20; step++) {
			struct dotstream d = { .chunked = true };
			struct view rest = view_of(chunks[i].in);
			char out[ROOM];
			size_t made, len = 0;

			for (; rest.len > 0; rest = view_from(rest, step), len += made)
				dotstream_push(
				    &d, view_first(rest, step), out + len, &made);
			len += dotstream_finish(&d, out + len);
			assert_int_equal(d.state, DOTS_END);
			assert_int_equal(d.octets, len);
			if (!view_equal(
				(struct view) { out, len }, view_of(chunks[i].out)))
				fail_msg("%s, step %zu", chunks[i].name, step);
		}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_short_input),
		cmocka_unit_test(golden_vectors),
		cmocka_unit_test(hop_counts),
		cmocka_unit_test(long_lines),
		cmocka_unit_test(in_chunks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
