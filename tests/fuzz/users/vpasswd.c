/* A record of vpasswd.cdb, a line of quota, a maildirsize, a .qmail-default: the same octets as each. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "users/quota.h"
#include "users/vdelivermail.h"
#include "users/vpasswd.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct view bytes = { (const char *)data, size }, program;
	struct quota quota = { 0 }, used = { 0 };
	struct vpasswd user;

	if (vpasswd_parse(bytes, &user)) {
		if (!view_starts(user.dir, VIEW("/")) ||
		    view_index(user.dir, '\0') < user.dir.len ||
		    view_index(user.dir, ':') < user.dir.len)
			abort();
		quota_parse(user.quota, &quota);
	} else {
		quota_parse(bytes, &quota);
	}
	quota_parse_maildirsize(bytes, &used);
	quota_percent(&quota, &used);
	if (vdelivermail_bounces(bytes, &program) &&
	    (program.at < bytes.at || program.at + program.len > bytes.at + bytes.len))
		abort();
	return 0;
}
