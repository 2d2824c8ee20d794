/* content/clamd, spamd: what scanners answer, and what comes of it in a header. */
#include <stdint.h>
#include <stdlib.h>

#include "content/clamd.h"
#include "content/spamd.h"
#include "content/spamheader.h"
#include "lib/ascii.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
assert_printable(struct view text, bool with_blanks)
{
	size_t i;

	for (i = 0; i < text.len; i++)
		if (!ascii_is_graphic(text.at[i]) && !(with_blanks && text.at[i] == ' '))
			abort();
}

/* Our fields: each line a field or a folded one, none empty. */
static void
assert_header(struct view header)
{
	struct view line;

	while (view_cut(header, '\n', &line, &header))
		if (!view_starts(line, VIEW("X-Spam-")) && !view_starts(line, VIEW("\t")))
			abort();
	if (header.len > 0)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct view answer = { (const char *)data, size };
	struct clamd_verdict virus;
	struct spamd_verdict spam;
	struct str out = { 0 };

	clamd_parse(answer, &virus);
	assert_printable(clamd_text(&virus), true);
	if (virus.result == CLAMD_FOUND && virus.len == 0)
		abort();
	if (spamd_parse(answer, &spam)) {
		assert_printable(spamd_symbols(&spam), false);
		spamheader_format(&out, &spam);
		assert_header(str_view(&out));
		str_clear(&out);
	}
	spamheader_rewrite(&out, answer, VIEW("mark"));
	if (out.len < answer.len)
		abort();
	str_free(&out);
	return 0;
}
