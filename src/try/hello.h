/* hello - is the name that we say in EHLO one that servers like (RFC 5321 4.1.1.1)? */
#ifndef TRY_HELLO_H
#define TRY_HELLO_H

#include "client/attempt.h"
#include "lib/deadline.h"
#include "try/show.h"

/* Warn if not; the DNS is asked whether it knows the name. */
void hello_check(struct show *show, const struct task *task, struct deadline deadline);

#endif
