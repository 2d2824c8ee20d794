#define _GNU_SOURCE
#include "users/password.h"

#include <crypt.h>
#include <errno.h>
#include <string.h>

#include "os/os.h"

enum { DES_HASH = 13 }; /* octets of the oldest kind; others say what they are */

/* Takes as long for any two strings of one length. */
static bool
is_equal(const char *a, const char *b)
{
	size_t len = strlen(a), i;
	unsigned char differ = 0;

	if (strlen(b) != len)
		return false;
	for (i = 0; i < len; i++)
		differ = (unsigned char)(differ | (a[i] ^ b[i]));
	return differ == 0;
}

/* The hash, in `data`, or NULL with errno: what crypt(3) returns for a failure starts with '*'. */
static const char *
compute(const char *password, const char *setting, struct crypt_data *data)
{
	const char *hash;

	memset(data, 0, sizeof *data);
	errno = 0;
	hash = crypt_r(password, setting, data);
	if (hash && hash[0] != '*')
		return hash;
	if (errno == 0)
		errno = EINVAL;
	return NULL;
}

enum answer
password_has_hash(const char *password, const char *hash)
{
	struct crypt_data data;
	const char *computed = compute(password, hash, &data);
	enum answer answer = ANSWER_ERROR;
	int error = errno;

	if (computed)
		answer = is_equal(computed, hash) ? ANSWER_YES : ANSWER_NO;
	os_wipe(&data, sizeof data);
	errno = error;
	return answer;
}

bool
password_is_known_kind(const char *hash)
{
	int kind = crypt_checksalt(hash);

	/* Any two letters are a salt for DES: do not take a password in clear for a hash. */
	if (hash[0] != '$' && hash[0] != '_' && strlen(hash) < DES_HASH)
		return false;
	return kind != CRYPT_SALT_INVALID && kind != CRYPT_SALT_METHOD_DISABLED;
}

int
password_hash(const char *password, struct str *hash)
{
	struct crypt_data data;
	char setting[CRYPT_GENSALT_OUTPUT_SIZE];
	const char *computed;
	int error;

	if (!crypt_gensalt_rn("$y$", 0, NULL, 0, setting, sizeof setting))
		return -1;
	computed = compute(password, setting, &data);
	error = errno;
	if (computed)
		str_set(hash, view_of(computed));
	os_wipe(&data, sizeof data);
	errno = error;
	return computed ? 0 : -1;
}
