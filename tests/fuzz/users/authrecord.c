/* AUTH_CDB: a record that is taken has a hash, and lines of variables that are all allowed; they are
 * bounded, whatever the record says. */
#include <stdint.h>
#include <stdlib.h>

#include "config/variables.h"
#include "users/authrecord.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t
count_lines(struct view text)
{
	size_t i, lines = 0;

	for (i = 0; i < text.len; i++)
		lines += text.at[i] == '\n';
	return lines;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct view record_data = { (const char *)data, size }, rest, name, value;
	struct authrecord record;
	struct str variables = { 0 };
	const char *why = NULL;
	size_t found = 0;
	bool good = authrecord_parse(record_data, &record, &variables, &why);

	if (good != (why == NULL) || (good && record.hash.len == 0))
		abort();
	rest = str_view(&variables);
	while (variables_next(&rest, &name, &value))
		found++;
	if (found != count_lines(str_view(&variables)) || found > VARIABLES_MAX ||
	    variables.len > VARIABLES_OCTETS + VARIABLE_NAME_MAX + VARIABLE_VALUE_MAX + 3)
		abort();
	str_free(&variables);
	return 0;
}
