#include "smtp/command.h"

struct command
command_parse(struct view line)
{
	struct command c;
	struct view rest;

	if (line.len > 0 && line.at[line.len - 1] == '\n')
		line.len--;
	if (line.len > 0 && line.at[line.len - 1] == '\r')
		line.len--;
	c.has_nul = view_index(line, '\0') < line.len;
	c.verb = view_first(line, view_index(line, ' '));
	rest = view_from(line, c.verb.len);
	while (rest.len > 0 && rest.at[0] == ' ')
		rest = view_from(rest, 1);
	c.argument = rest;
	return c;
}
