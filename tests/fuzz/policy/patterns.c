/* Pattern lists: the first line of the input is matched against what the others are, in each syntax.
 * No line is named that is not there, and a wildmat list does not depend on case. */
#include <stdint.h>
#include <stdlib.h>

#include "lib/str.h"
#include "policy/patterns.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t
line_of(const struct control_list *list, enum pattern_syntax syntax, struct view text)
{
	struct patterns *p = patterns_make(list, "control/list", syntax, NULL);
	size_t line = patterns_find(p, text);

	patterns_free(p);
	return line;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct view text = { (const char *)data, size }, lines = VIEW("");
	struct control_list list = { 0 };
	struct str lower = { 0 };
	size_t last = 0;

	if (size > 4096)
		return 0;
	view_cut(text, '\n', &text, &lines);
	control_list_parse(lines, &list);
	if (list.count)
		last = list.entries[list.count - 1].line;
	str_append_lower(&lower, text);
	if (line_of(&list, PATTERNS_REGEX, text) > last)
		abort();
	if (line_of(&list, PATTERNS_WILDMAT, text) !=
	    line_of(&list, PATTERNS_WILDMAT, str_view(&lower)))
		abort();
	str_free(&lower);
	control_list_free(&list);
	return 0;
}
