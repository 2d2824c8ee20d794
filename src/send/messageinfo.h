/* messageinfo - what info/N says of a message (queue 1.4). */
#ifndef SEND_MESSAGEINFO_H
#define SEND_MESSAGEINFO_H

#include <stdint.h>

#include "lib/str.h"
#include "queue/layout.h"

struct messageinfo {
	struct str sender;
	int64_t birth; /* its mtime: seconds since 1970 */
};

/* 0, or -1 with errno (EINVAL: no sender in it); *out is replaced on 0 only. */
int messageinfo_read(const struct layout *layout, uint64_t id, struct messageinfo *out);
void messageinfo_free(struct messageinfo *info);

#endif
