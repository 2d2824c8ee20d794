/* users/auth: what is taken for an entry can be written, found again and removed. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "users/authentries.h"
#include "users/authfile.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* An entry that was put is there, as it was. */
static void
check_entry(struct view file, const struct authline *entry)
{
	struct str with = { 0 }, without = { 0 };
	struct authline found;

	authentries_put(&with, file, entry);
	if (!authentries_find(str_view(&with), entry->name, &found) ||
	    !view_equal(found.hash, entry->hash) ||
	    !view_equal(found.senders, entry->senders))
		abort();
	authentries_remove(&without, str_view(&with), entry->name);
	if (authentries_find(str_view(&without), entry->name, &found))
		abort();
	str_free(&with);
	str_free(&without);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct view file = { (const char *)data, size }, rest = file, line;
	struct problem problem;
	struct authline entry;
	const char *why = NULL;
	unsigned entries = 0;

	while (authentries_next(&rest, &line)) {
		if (authline_parse(line, &entry, &why) != AUTHLINE_ENTRY)
			continue;
		if (entry.name.len == 0 || entry.hash.len == 0 ||
		    authline_name_problem(entry.name))
			abort();
		if (++entries <= 4)
			check_entry(file, &entry);
	}
	authentries_check(file, &problem);
	return 0;
}
