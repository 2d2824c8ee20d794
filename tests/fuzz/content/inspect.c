/* content/inspect: all rules at once, on any message; what is found does not depend on where it was cut. */
#include "content/inspect.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Rules as the files would make them, without files. */
static struct content_rules
make_rules(const struct signatures *signatures, const struct linepatterns *patterns)
{
	return (struct content_rules) {
		.signatures = signatures,
		.patterns = patterns,
		.base64.no_blanks = true,
		.klez = true,
		.htmlonly = true,
	};
}

static struct content_finding
inspect(const struct content_rules *rules, struct view in, size_t step)
{
	struct inspection *i = malloc(sizeof *i);
	struct content_finding found;

	if (!i)
		abort();
	inspection_start(i, rules);
	for (; in.len > 0; in = view_from(in, step))
		inspection_push(i, view_first(in, step));
	inspection_end(i);
	if (i->mime.depth > MIME_LEVELS || i->mime.field_len > MIME_FIELD_MAX)
		abort();
	found = i->found;
	free(i);
	return found;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct signature signature = { { VIEW("TV*Q"), VIEW(""), RULE_ANYWHERE }, 1 };
	struct linepattern pattern = { ':', VIEW("*x[a-c]?\\*"), VIEW(""), 1 };
	struct signatures signatures = { .at = &signature, .count = 1 };
	struct linepatterns patterns = {
		.at = &pattern, .count = 1, .line_max = LINEPATTERNS_LINE
	};
	struct content_rules rules = make_rules(&signatures, &patterns);
	struct view in = { (const char *)data, size };
	struct content_finding whole = inspect(&rules, in, size + 1);
	struct content_finding cut = inspect(&rules, in, 1);
	struct content_finding other = inspect(&rules, in, 61);

	if (whole.rule != cut.rule || whole.rule != other.rule || whole.line != cut.line)
		abort();
	return 0;
}
