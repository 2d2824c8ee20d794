/* control/tlspolicy: any bytes, as a file.  What is selected lies in a line of it. */
#include "fuzz/fuzz.h"

#include "tlspolicy/tlspolicy.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct control_list list = { 0 };
	struct tlspolicy policy;
	struct view value;
	size_t line;

	control_list_parse((struct view) { (const char *)data, size }, &list);
	if (tlspolicy_select(
		&list, VIEW("r.net"), VIEW("a.x.org"), VIEW(""), &value, &line)) {
		if (line == 0 || line > list.entries[list.count - 1].line ||
		    !fuzz_is_inside(value, str_view(&list.bytes)))
			abort();
		tlspolicy_parse(value, &policy);
	}
	control_list_free(&list);
	return 0;
}
