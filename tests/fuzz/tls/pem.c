/* A certificate file that an admin has broken. */
#include "tls/pem.h"

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str reason = { 0 };
	struct pem pem;
	SSL_CTX *ctx;

	if (pem_parse((struct view) { (const char *)data, size }, VIEW("x"), &pem,
		&reason) == 0) {
		ctx = SSL_CTX_new(TLS_server_method());
		pem_use(&pem, ctx, NULL, &reason);
		SSL_CTX_free(ctx);
	}
	pem_free(&pem);
	str_free(&reason);
	return 0;
}
