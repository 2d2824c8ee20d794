/* control/tlsdestinations: any bytes, as a file. */
#include "tlspolicy/tlsdestinations.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct control_list list = { 0 };
	struct tlsdestination d;
	uint16_t port;
	size_t line;
	bool implicit;

	control_list_parse((struct view) { (const char *)data, size }, &list);
	tlsdestinations_select(
	    &list, VIEW("a.x.org"), VIEW("mx.y.org"), VIEW("z.org"), &d, &line);
	tlsdestinations_port(
	    &list, VIEW("a.x.org"), VIEW("joe@z.org"), false, &port, &implicit, NULL);
	control_list_free(&list);
	return 0;
}
