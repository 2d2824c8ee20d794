/* The DATA decoder: cases by name.  Every short message is in everymessage.c. */
#include "smtp/dotstream.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum { ROOM = 4096 };

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
		char in[64], out[sizeof in + DOTSTREAM_HELD];
		int policy;

		snprintf(in, sizeof in, "%s\r\n.\r\n", vectors[i].in);
		for (policy = BARE_CR_SPACE; policy <= BARE_CR_KEEP; policy++) {
			struct dotstream d = { .bare_cr = (enum bare_cr)policy };
			size_t made;

			dotstream_push(&d, view_of(in), out, &made);
			assert_int_equal(d.state, DOTS_END);
			if (!view_equal((struct view) { out, made },
				view_of(policy == BARE_CR_KEEP ? vectors[i].keep
							       : vectors[i].space)))
				fail_msg("%s", vectors[i].name);
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
				struct dotstream d = { .hops.rule = (enum hop_rule)rule };
				struct view rest = view_of(hops[i].in);
				char out[ROOM];
				size_t made;

				while (rest.len > 0) {
					dotstream_push(&d, view_first(rest, (size_t)step),
					    out, &made);
					rest = view_from(rest, (size_t)step);
				}
				if (d.hops.count !=
				    (rule ? hops[i].by_prefix : hops[i].by_name))
					fail_msg("%s: rule %d step %d: %llu",
					    hops[i].name, rule, step,
					    (unsigned long long)d.hops.count);
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
		cmocka_unit_test(golden_vectors),
		cmocka_unit_test(hop_counts),
		cmocka_unit_test(long_lines),
		cmocka_unit_test(in_chunks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
