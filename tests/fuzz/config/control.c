/* Control lists and the maps made of them: every entry stays inside the bytes, every name that went in is found. */
#include <stdint.h>
#include <stdlib.h>

#include "config/control.h"
#include "config/domainmap.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
look_up_all(const struct control_list *list, char separator)
{
	struct domainmap map;
	size_t i;

	domainmap_of(&map, str_view(&list->bytes), separator);
	for (i = 0; i < list->count; i++) {
		struct view name = list->entries[i].text, value;
		struct domainmap_hit hit = { .line = 0 };

		if (separator && !view_cut(name, separator, &name, &value))
			continue;
		if (!domainmap_find(&map, name, &hit) || hit.line < list->entries[i].line)
			abort();
		domainmap_find_suffix(&map, name, &hit);
	}
	domainmap_free(&map);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct control_list list = { 0 };
	size_t i;

	control_list_parse((struct view) { (const char *)data, size }, &list);
	for (i = 0; i < list.count; i++) {
		struct view text = list.entries[i].text;

		if (text.len == 0 || text.at < list.bytes.at ||
		    text.at + text.len > list.bytes.at + list.bytes.len)
			abort();
	}
	look_up_all(&list, 0);
	look_up_all(&list, ':');
	control_list_free(&list);
	return 0;
}
