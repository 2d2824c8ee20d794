#include "policy/spf/explain.h"

#include "lib/ascii.h"

/* Of what macros bring, a sender's local part say, that cannot stand in a reply. */
static void
make_printable(struct str *text)
{
	size_t i;

	for (i = 0; i < text->len; i++)
		if (text->at[i] != ' ' && !ascii_is_graphic(text->at[i]))
			text->at[i] = '?';
}

static bool
expand(struct spf_lookup *l, struct view text, struct view *out)
{
	struct str expanded = { 0 };
	bool good = spf_macro_is_valid(text, SPF_IN_EXPLANATION) &&
	    spf_macro_expand(&expanded, text, &l->macros) && expanded.len > 0;

	if (good) {
		str_cut(&expanded, SPF_EXPLANATION_MAX);
		make_printable(&expanded);
		*out = arena_copy(l->mem, str_view(&expanded));
	}
	str_free(&expanded);
	return good;
}

bool
spf_explain_theirs(struct spf_lookup *l, struct view spec, struct view *out)
{
	struct dns_answer answer;
	struct view name;

	if (!spf_target(l, spec, &name) ||
	    spf_ask(l, name, DNS_TXT, &answer) != DNS_FOUND || answer.count != 1)
		return false;
	return expand(l, answer.records[0].name, out);
}

void
spf_explain_ours(struct spf_lookup *l, struct view text, struct view *out)
{
	if (text.len > 0)
		expand(l, text, out);
}
