/* The extension of an address, and the names of .qmail files that may answer for it: each is in the directory that it
 * is looked for in, or below it, and there are no more of them than dashes. */
#include "fuzz/fuzz.h"

#include "users/dotfile.h"

static size_t
dashes(struct view text)
{
	size_t i, found = 0;

	for (i = 0; i < text.len; i++)
		found += text.at[i] == '-';
	return found;
}

/* No name goes up, and none is another file than ".qmail...". */
static void
check_name(struct view name)
{
	claim(view_starts(name, VIEW(".qmail-")));
	name = view_from(name, 1);
	claim(view_index(name, '.') == name.len);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct view ext = { (const char *)data, size };
	struct dotfile_search search = { .dash = VIEW("-"), .ext = ext };
	struct str name = { 0 };
	bool is_default;
	size_t count = 0;

	while (dotfile_next(&search, &name, &is_default)) {
		check_name(str_view(&name));
		claim(!is_default || view_ends(str_view(&name), VIEW("default")));
		claim(!is_default || search.at <= ext.len);
		count++;
	}
	claim(count > 0 && count <= dashes(ext) + 2);
	str_free(&name);
	return 0;
}
