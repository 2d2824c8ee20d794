/* control/policy: the first line of the input is the sender, the second the recipient, the others are the
 * file.  No line is named that is not there, case does not matter, and nobody is denied without a line
 * of a domain that is asked about. */
#include <stdint.h>
#include <stdlib.h>

#include "lib/str.h"
#include "policy/empf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static enum empf_verdict
decide(const struct control_list *lines, struct view from, struct view to,
    struct empf_ruling *why)
{
	struct address sender = address_of(from), recipient = address_of(to);

	return empf_decide(
	    lines, &(struct empf_question) { &sender, &recipient, true, true }, why);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct view rest = { (const char *)data, size }, from = rest, to = VIEW("");
	struct control_list lines = { 0 };
	struct empf_ruling why = { 0 }, again = { 0 };
	struct str lower = { 0 };
	enum empf_verdict verdict;

	if (size > 4096)
		return 0;
	if (view_cut(rest, '\n', &from, &rest))
		view_cut(rest, '\n', &to, &rest);
	control_list_parse(rest, &lines);
	verdict = decide(&lines, from, to, &why);
	if (verdict != EMPF_ALLOWED &&
	    (why.line == 0 || lines.count == 0 ||
		why.line > lines.entries[lines.count - 1].line))
		abort();
	if ((verdict == EMPF_BROKEN) !=
	    (why.fault != NULL && verdict != EMPF_ALLOWED && verdict != EMPF_DENIED))
		abort();
	str_append_lower(&lower, from);
	if (decide(&lines, str_view(&lower), to, &again) != verdict)
		abort();
	str_free(&lower);
	control_list_free(&lines);
	return 0;
}
