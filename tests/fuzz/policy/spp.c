/* qmail-spp: the input is a file of plugins, and what a plugin says.  Each plugin is in one section; a
 * reply is one line with a code, and nothing that is good holds what could end a line. */
#include <stdint.h>
#include <stdlib.h>

#include "lib/ascii.h"
#include "policy/sppoutput.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_clean(struct view v)
{
	size_t i;

	for (i = 0; i < v.len; i++)
		if (ascii_is_control(v.at[i]) && v.at[i] != '\t')
			abort();
}

static void
check_line(const struct spp_line *line)
{
	if (line->fault)
		return;
	check_clean(line->reply.text);
	check_clean(line->name);
	switch (line->verb) {
	case SPP_REFUSE:
	case SPP_REJECT:
	case SPP_LATER:
	case SPP_PRINT:
		if (line->reply.code < 200 || line->reply.code > 599 ||
		    line->reply.text.len > SPP_TEXT_MAX)
			abort();
		break;
	case SPP_SET:
	case SPP_UNSET:
		check_clean(line->text);
		if (line->name.len == 0 || view_index(line->name, '=') < line->name.len)
			abort();
		break;
	case SPP_HEADER:
		check_clean(line->text);
		if (line->text.len == 0)
			abort();
		break;
	default:
		break;
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct view input = { (const char *)data, size }, rest = input;
	struct control_list lines = { 0 };
	struct spp_line line;
	size_t plugins = 0;
	int section;

	while (sppoutput_next(&rest, &line))
		check_line(&line);
	if (rest.len)
		abort();
	control_list_parse(input, &lines);
	for (section = 0; section < SPP_SECTIONS; section++) {
		struct sppfile_walk walk = { 0 };

		while (sppfile_next(&lines, (enum spp_section)section, &walk))
			plugins++;
	}
	if (plugins > lines.count)
		abort();
	control_list_free(&lines);
	return 0;
}
