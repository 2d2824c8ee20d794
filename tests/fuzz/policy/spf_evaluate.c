/* policy/spf/evaluate: the first line is sender, HELO name and the admin's own rules, separated by
 * tabs; the rest is the table of records.  It ends, and what it says can be written. */
#include <stdint.h>
#include <stdlib.h>

#include "policy/spf/evaluate.h"
#include "policy/spf/header.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
require_printable(struct view text, bool ends_line)
{
	size_t i;

	for (i = 0; i < text.len; i++)
		if (text.at[i] < ' ' && !(ends_line && i == text.len - 1))
			abort();
}

static void
check(struct resolver *r, const struct spf_question *q)
{
	struct arena mem = { 0 };
	struct str out = { 0 };
	struct spf_verdict v;

	spf_evaluate(r, q, deadline_never(), &mem, &v);
	require_printable(v.explanation, false);
	spf_header_format(&out, &v, &q->ip, q->receiver);
	require_printable(str_view(&out), true);
	str_clear(&out);
	spf_header_result(&out, &v);
	require_printable(str_view(&out), false);
	str_free(&out);
	arena_free(&mem);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct view text = { (const char *)data, size }, line = VIEW("");
	struct spf_question q = { .receiver = VIEW("mx.example.org"),
		.explanation = VIEW("%{s} %{p}"),
		.ip = { 4, { 192, 0, 2, 1 } } };
	struct str zone = { 0 };
	struct resolver *r;

	if (size > 4096)
		return 0;
	view_cut(text, '\n', &line, &text);
	q.sender = line;
	view_cut(line, '\t', &q.sender, &line);
	q.helo = line;
	view_cut(line, '\t', &q.helo, &line);
	q.local_rules = q.guess = line;
	str_append(&zone, text);
	r = resolver_table(str_text(&zone));
	check(r, &q);
	q.ip = (struct ip) { 6, { 0x20, 1, 0xd, 0xb8 } };
	check(r, &q);
	resolver_free(r);
	str_free(&zone);
	return 0;
}
