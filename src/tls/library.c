#include "tls/library.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <string.h>

int
library_start(void)
{
	uint64_t options = OPENSSL_INIT_NO_LOAD_CONFIG | OPENSSL_INIT_NO_ATEXIT;

	return OPENSSL_init_ssl(options, NULL) == 1 ? 0 : -1;
}

void
library_reason(struct str *out, const char *otherwise)
{
	unsigned long error = ERR_get_error();
	const char *text = NULL;

	if (error)
		text = ERR_SYSTEM_ERROR(error) ? strerror(ERR_GET_REASON(error))
					       : ERR_reason_error_string(error);
	ERR_clear_error();
	str_append_text(out, text ? text : otherwise);
}

int
library_refuse(struct str *reason, const char *text)
{
	ERR_clear_error();
	str_append_text(reason, text);
	return -1;
}
