/* A command line, its address and its parameters: views stay inside of what was given. */
#include <stdint.h>
#include <stdlib.h>

#include "smtp/chunk.h"
#include "smtp/command.h"
#include "smtp/params.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
inside(struct view part, struct view whole)
{
	if (part.len > 0 &&
	    (part.at < whole.at || part.at + part.len > whole.at + whole.len))
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct view line = { (const char *)data, size };
	struct command c = command_parse(line);
	struct chunk chunk;

	inside(c.verb, line);
	inside(c.argument, line);
	if (view_index(c.verb, ' ') < c.verb.len ||
	    (c.argument.len > 0 && c.argument.at[0] == ' '))
		abort();
	mail_params_parse(c.argument);
	if (chunk_parse(c.argument, &chunk) &&
	    (c.argument.at[0] < '0' || c.argument.at[0] > '9'))
		abort();
	return 0;
}
