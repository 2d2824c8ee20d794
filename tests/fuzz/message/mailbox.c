/* An address field: tokens, addresses, rewriting; never a second header line. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "message/header.h"
#include "message/mailbox.h"
#include "message/rewrite.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct context {
	struct rewrite rewrite;
	struct str envelope;
};

static void
visit(struct tokens *address, void *context)
{
	struct context *c = context;

	rewrite_address(&c->rewrite, address);
	tokens_unquote(&c->envelope, address);
}

/* False if it cannot be parsed. */
static bool
pass(struct view field, struct context *c, struct str *out)
{
	struct tokens before = { 0 }, after = { 0 };
	struct arena mem = { 0 };
	bool good = tokens_parse(&before, field, &mem) &&
	    mailbox_walk(&before, 0, visit, c, &after);

	if (good)
		tokens_format(out, &after, TOKEN_LINE_WIDTH);
	tokens_free(&before);
	tokens_free(&after);
	arena_free(&mem);
	return good;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct view field = { (const char *)data, size };
	struct str once = { 0 };
	struct context c = { 0 };
	struct arena mem = { 0 };
	size_t i;

	header_line_is_field(field);
	header_field_of(field);
	tokens_parse(&c.rewrite.default_host, VIEW("host"), &mem);
	tokens_parse(&c.rewrite.default_domain, VIEW("example.org"), &mem);
	tokens_parse(&c.rewrite.plus_domain, VIEW("example.net"), &mem);
	if (pass(field, &c, &once))
		for (i = 0; i + 1 < once.len; i++) /* never a second header line */
			if (once.at[i] == '\n' && once.at[i + 1] != ' ')
				abort();
	tokens_free(&c.rewrite.default_host);
	tokens_free(&c.rewrite.default_domain);
	tokens_free(&c.rewrite.plus_domain);
	str_free(&c.envelope);
	str_free(&once);
	arena_free(&mem);
	return 0;
}
