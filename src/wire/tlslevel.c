#include "wire/tlslevel.h"

#include "lib/scan.h"

bool
tls_level_verifies(enum tls_level level)
{
	return level >= TLS_SECURE;
}

bool
tls_level_is_dane(enum tls_level level)
{
	return level == TLS_DANE || level == TLS_DANE_ONLY;
}

bool
tls_is_fingerprint(struct view hex)
{
	size_t i;

	if (hex.len != 40 && hex.len != 56 && hex.len != 64 && hex.len != 128)
		return false;
	for (i = 0; i < hex.len; i++)
		if (scan_hex_digit(hex.at[i]) < 0)
			return false;
	return true;
}
