/* A .qmail file: every line is inside the file, and the lines come to an end. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "local/dotqmail.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct view file = { (const char *)data, size }, rest = file;
	struct dotqmail_line line;

	while (dotqmail_next(&rest, &line))
		if (line.what.len > 0 &&
		    (line.what.at < file.at ||
			line.what.at + line.what.len > file.at + file.len))
			abort();
	if (rest.len > 0)
		abort();
	return 0;
}
