#include "auth/cram.h"

#include "lib/fmt.h"
#include "lib/hash.h"
#include "os/os.h"

void
cram_md5_response(const struct credential *c, struct view challenge, struct str *out)
{
	unsigned char digest[MD5_LEN];

	hmac(HASH_MD5, credential_pass(c), challenge, digest);
	str_append(out, credential_user(c));
	str_append_byte(out, ' ');
	fmt_hex(out, (struct view) { (const char *)digest, sizeof digest });
	os_wipe(digest, sizeof digest);
}
