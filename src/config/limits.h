/* limits - the maxima of the suite (DESIGN 4): compiled in, adjustable in control/limits, one
 * "name:number" a line.
 *
 * Here is what an admin may want otherwise.  What a format or a protocol says (frames of 64 KiB, 512
 * octets for checkpassword, 1003 for an address in qmail-queue) and what only keeps a mistaken file
 * from filling the memory is a constant beside its code; qmail-control(5) lists both kinds. */
#ifndef CONFIG_LIMITS_H
#define CONFIG_LIMITS_H

#include <stdint.h>

#include "lib/answer.h"
#include "lib/problem.h"

/* clang-format off */
/* name in the file, default, least, most: with less nothing would work, with more nothing would be
 * bounded.  What each is, and what happens at it: qmail-control(5), LIMITS. */
#define LIMITS(X) \
	X(command_line, 4096, 512, 1048576) /* octets, line end included; RFC 5321 wants 512 */ \
	X(auth_line, 12288, 512, 1048576) \
	X(address, 899, 256, 1000) /* octets; more than the most qmail-queue does not take */ \
	X(recipients, 10000, 1, 10000000) \
	X(envelope, 8388608, 1024, 4294967295) /* octets; the least is one address */ \
	X(auth_delay_ms, 5000, 0, 3600000) \
	X(chkuser_delay_ms, 1000, 0, 3600000) \
	X(errors, 100, 1, 4294967295) \
	X(session, 86400, 1, 31536000) /* seconds */ \
	X(data_progress, 16384, 1, 1048576) /* octets in four timeouts */ \
	X(reply_lines, 100, 1, 10000) \
	X(reply_octets, 65536, 512, 1048576) \
	X(dns_questions, 200, 1, 100000) \
	X(mx_addresses, 50, 1, 1000) \
	X(delivery, 14400, 1, 604800) /* seconds */ \
	X(tls_sessions, 10, 1, 1000000) \
	X(tls_children, 40, 1, 1024) \
	X(helper_start_ms, 10000, 1, 600000) \
	X(program, 60, 1, 86400) /* seconds */ \
	X(state_bytes, 67108864, 1048576, 1099511627776) \
	X(token_ms, 30000, 1, 600000) \
	X(sts_ms, 60000, 1, 600000) \
	X(sts_domains, 10000, 1, 10000000)
/* clang-format on */

#define LIMITS_FIELD(name, value, least, most) uint64_t name;
struct limits {
	LIMITS(LIMITS_FIELD)
};
#undef LIMITS_FIELD

/* The compiled-in values, as changed by control/limits.  A value over the most is the most.
 * ANSWER_YES, or ANSWER_ERROR with `problem` for an unreadable file, an unknown name, a value that
 * is no number or under the least; *out is then untouched.  An absent file changes nothing. */
enum answer limits_read(struct limits *out, struct problem *problem);

/* The compiled-in values. */
struct limits limits_default(void);

#endif
