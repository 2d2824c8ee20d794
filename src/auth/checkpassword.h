/* checkpassword - run a password checker (inbound 4.2.7 to 4.2.9): three NUL-terminated strings on
 * its descriptor 3, the verdict in its exit code.  It is kept off the network: descriptor 0 is
 * /dev/null and 1 is the log (D12).  Descriptor 5 is ours: a pipe to which it may write whom the
 * user may send as (auth/senders.h); the checkers of the field leave it alone. */
#ifndef AUTH_CHECKPASSWORD_H
#define AUTH_CHECKPASSWORD_H

#include "lib/deadline.h"
#include "lib/str.h"
#include "lib/view.h"

enum { CHECKPASSWORD_MAX = 512 }; /* octets on descriptor 3: checkpassword's own buffer */

enum check_result {
	CHECK_ACCEPTED, /* exit 0 */
	CHECK_REFUSED,  /* exit 1: the password is wrong */
	CHECK_NO_RELAY, /* exit 3: indimail's "authenticated, but no relaying" */
	CHECK_TROUBLE,  /* any other exit: it could not find out (D13) */
	CHECK_CRASHED,  /* a signal, or it did not end before the deadline */
	CHECK_NO_PIPE,
	CHECK_NO_CHILD,
	CHECK_NO_WRITE,
	CHECK_MALFORMED, /* a NUL in a string, or more than CHECKPASSWORD_MAX octets */
};

/* `argv` is looked up in $PATH.  `second` and `third` are password and empty, or for CRAM-MD5 digest
 * and challenge in the order of the dialect.  The octets are wiped afterwards.  *senders is replaced by what it
 * wrote to descriptor 5; more than SENDERS_MAX octets are CHECK_TROUBLE, never no list. */
enum check_result checkpassword_run(char *const *argv, struct view user,
    struct view second, struct view third, struct deadline deadline, struct str *senders);

#endif
