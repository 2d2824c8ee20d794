/* control/tlspolicy: any bytes, as a file. */
#include "tlspolicy/tlspolicy.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct control_list list = { 0 };
	struct tlspolicy policy;
	struct view value;
	size_t line;

	control_list_parse((struct view) { (const char *)data, size }, &list);
	if (tlspolicy_select(
		&list, VIEW("r.net"), VIEW("a.x.org"), VIEW(""), &value, &line))
		tlspolicy_parse(value, &policy);
	control_list_free(&list);
	return 0;
}
