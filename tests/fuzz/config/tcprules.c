/* Rules of tcpserver with any bytes in them: the first line is a client, "ip host info", the rest the text.
 * What a rule sets is always name and value. */
#include <stdint.h>
#include <stdlib.h>

#include "config/tcprules.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_sets(const struct tcprule *rule)
{
	struct view entry, rest = str_view(&rule->sets);

	while (view_cut(rest, '\0', &entry, &rest))
		if (entry.len > 0 && entry.at[0] == '=')
			abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct view all = { (const char *)data, size }, first = all, text = VIEW("");
	struct control_list lines = { 0 };
	struct tcprules_client client;
	struct tcprules_line line;
	struct tcprule rule = { 0 };
	struct problem problem;
	size_t i;

	view_cut(all, '\n', &first, &text);
	client.ip = view_next_word(&first);
	client.host = view_next_word(&first);
	client.info = view_next_word(&first);
	control_list_parse(text, &lines);
	for (i = 0; i < lines.count; i++)
		if (!tcprules_parse(lines.entries[i].text, &line))
			tcprules_is_empty_range(line.address);
	if (tcprules_find("rules", &lines, &client, &rule, &problem) == ANSWER_YES)
		check_sets(&rule);
	tcprule_free(&rule);
	control_list_free(&lines);
	return 0;
}
