/* connect - one TCP connection to one address, under a deadline (outbound 2.5). */
#ifndef LIB_CONNECT_H
#define LIB_CONNECT_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/deadline.h"
#include "lib/ip.h"

enum connect_result {
	CONNECT_OK,
	CONNECT_FAILED, /* errno; ETIMEDOUT also at the deadline */
	CONNECT_NO_SOCKET, /* out of descriptors or memory; an unknown address family is FAILED */
	CONNECT_NO_BIND, /* `source` is not ours */
};

/* Connect to `ip` at `port`, from `source` unless it is NULL or has version 0; to a loopback
 * address always from where the kernel likes.  On CONNECT_OK, *out is the descriptor:
 * non-blocking, close-on-exec, without Nagle's delay. */
enum connect_result connect_to(const struct ip *ip, uint16_t port,
    const struct ip *source, struct deadline deadline, int *out);

/* The same without waiting: when *pending, *out becomes writable once connect_finish() knows more. */
enum connect_result connect_begin(
    const struct ip *ip, uint16_t port, const struct ip *source, int *out, bool *pending);

/* 0: connected; or -1 with errno. */
int connect_finish(int fd);

#endif
