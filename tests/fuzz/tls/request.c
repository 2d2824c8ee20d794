/* What a caller sends to qmail-tls: any packet. */
#include "tls/request.h"

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct request request = { 0 };
	struct frame frame;

	if (frame_parse((struct view) { (const char *)data, size }, &frame) &&
	    request_parse(&frame, &request) &&
	    (request.name.len > REQUEST_NAME_MAX ||
		request.certificate.len > REQUEST_PATH_MAX))
		__builtin_trap();
	request_free(&request);
	return 0;
}
