/* scanner - the connection to a program that looks at messages: where it is, and octets to it and from
 * it, each under a deadline. */
#ifndef CONTENT_SCANNER_H
#define CONTENT_SCANNER_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

#include "lib/deadline.h"
#include "lib/str.h"
#include "lib/view.h"

struct scanner_address {
	struct sockaddr_storage at;
	socklen_t len;
};

/* "/path/of/socket", also relative to the home but with a slash in it; "192.0.2.1:783", or
 * "[2001:db8::1]:783".  False, *out untouched, for anything else: no names are looked up. */
bool scanner_parse(struct view text, struct scanner_address *out);

/* A descriptor that does not block; or -1 with errno. */
int scanner_connect(const struct scanner_address *address, struct deadline deadline);

/* 0, or -1 with errno. */
int scanner_send(int fd, struct view octets, struct deadline deadline);

/* Append what comes up to the end, or up to the octet `end` (-1: none), but no more than `max` octets;
 * EFBIG if there are more.  0, or -1 with errno: what came so far is in *out. */
int scanner_receive(
    int fd, struct str *out, size_t max, int end, struct deadline deadline);

/* Text of a scanner for logs and replies: cut to `size` octets, and all that is not printable ASCII is
 * '?'.  The view is of `out`. */
struct view scanner_clean(struct view text, char *out, size_t size);

#endif
