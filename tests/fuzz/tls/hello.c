/* The server_name extension of a ClientHello, and the path that is made of the name. */
#include "tls/hello.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct view extension = { (const char *)data, size }, name;
	struct str path = { 0 };

	if (hello_server_name(extension, &name) && context_path_for(name, &path) &&
	    memchr(name.at, '/', name.len))
		__builtin_trap();
	str_free(&path);
	return 0;
}
