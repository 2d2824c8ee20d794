/* locals, virtualdomains, percenthack and a recipient: the first line is the recipient, the others each a line of one of the
 * files, which its first octet chooses.  A recipient always gets a channel and a domain, and a
 * prefix that was put before it comes off again. */
#include "fuzz/fuzz.h"

#include "users/route.h"

static void
sort_lines(struct view rest, struct str files[3])
{
	struct view line;

	while (view_cut(rest, '\n', &line, &rest)) {
		struct str *file = &files[fuzz_choice(&line) % 3];

		str_append(file, line);
		str_append_byte(file, '\n');
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct view recipient = { (const char *)data, size }, rest = VIEW(""), stripped;
	struct str files[3] = { { 0 } }, address = { 0 };
	struct routes routes = { 0 };
	size_t i;

	view_cut(recipient, '\n', &recipient, &rest);
	sort_lines(rest, files);
	route_table_parse(&routes.locals, str_view(&files[0]), 0);
	route_table_parse(&routes.virtualdomains, str_view(&files[1]), ':');
	route_table_parse(&routes.percenthack, str_view(&files[2]), 0);
	str_append_text(&routes.envnoathost, "a.example");
	claim(route_recipient(&routes, recipient, &address) < CHANNELS);
	claim(view_index(str_view(&address), '@') < address.len);
	stripped = route_strip_prefix(&routes, str_view(&address));
	claim(view_ends(str_view(&address), stripped));
	for (i = 0; i < 3; i++)
		str_free(&files[i]);
	str_free(&address);
	routes_free(&routes);
	return 0;
}
