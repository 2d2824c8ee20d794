/* What a caller sends to qmail-tls: any packet. */
#include "tls/request.h"

#include <stddef.h>
#include <stdint.h>

#include "wire/tlsa.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Records all through, and not none. */
static bool
is_list(struct view list)
{
	struct tlsa record;
	size_t count = 0;

	while (tlsa_next(&list, &record))
		count++;
	return list.len == 0 && count > 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct request request = { 0 };
	struct frame frame;

	if (frame_parse((struct view) { (const char *)data, size }, &frame) &&
	    request_parse(&frame, &request) &&
	    (request.name.len > REQUEST_NAME_MAX ||
		request.certificate.len > REQUEST_PATH_MAX ||
		(tls_level_is_dane(request.level) && !is_list(str_view(&request.tlsa)))))
		__builtin_trap();
	request_free(&request);
	return 0;
}
