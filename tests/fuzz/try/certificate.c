/* A file that may hold a certificate. */
#include <stdint.h>
#include <stdlib.h>

#include "try/certificate.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct view pem = { (const char *)data, size };
	int64_t end = -1;

	if (!certificate_end(pem, &end) && end != -1)
		abort();
	if (certificate_names(pem, VIEW("mx.example.org")) == ANSWER_YES && size < 27)
		abort();
	return 0;
}
