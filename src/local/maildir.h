/* maildir - one message into a Maildir, durably: when it says "done", the file and its name in new/
 * are on disk (queue 1.5, 4.11). */
#ifndef LOCAL_MAILDIR_H
#define LOCAL_MAILDIR_H

#include <stdint.h>
#include <sys/types.h>

#include "lib/str.h"
#include "lib/view.h"
#include "local/localenv.h"
#include "local/outcome.h"

/* Append TIME.M<microseconds>P<pid>Q<try>.HOST, '/' and ':' of the host written \057 and \072. */
void maildir_name(struct str *out, int64_t seconds, uint32_t microseconds, pid_t pid,
    unsigned try, struct view host);

/* Deliver the message on `fd`, from its first octet, behind Return-Path and Delivered-To.  Runs in
 * a child with 24 hours, so that a file server that hangs cannot hold the delivery for ever.  On
 * failure nothing is left in new/ but, at worst, a whole message whose name may not be on disk; a
 * child that is killed leaves its file in tmp/, which readers of Maildirs clear after 36 hours.
 *
 * `quota` is for maildirquota_open().  A message that there is no room for is returned. */
void maildir_deliver(const char *dir, struct view quota, int fd,
    const struct delivery_lines *lines, struct outcome *o);

/* The same without a child, where this is the last that the process does: it keeps only the rights that
 * the Maildir needs, and after 24 hours it says so and exits. */
void maildir_deliver_last(const char *dir, struct view quota, int fd,
    const struct delivery_lines *lines, struct outcome *o);

#endif
