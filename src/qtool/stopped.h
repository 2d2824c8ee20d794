/* stopped - what is done to messages while no qmail-send runs: by its lock we are it.  The next one that
 * starts finds states that it knows (queue 1.3). */
#ifndef QTOOL_STOPPED_H
#define QTOOL_STOPPED_H

#include <stdbool.h>
#include <sys/types.h>

#include "qtool/message.h"
#include "queue/holds.h"
#include "wire/queuectl.h"

struct stopped {
	bool is_root; /* then it acts as the queue's users: */
	uid_t qmailq, qmails;
	gid_t qmail;
};

/* 0; or -1: a user is missing. */
int stopped_know_users(struct stopped *s);

/* As qmail-send would do it.  QUEUECTL_FAILED with errno. */
enum queuectl_result stopped_do(const struct stopped *s, const struct layout *layout,
    enum queuectl_verb verb, struct view text, const struct message *m);

/* As holds_set_domain(), by the right user. */
int stopped_hold_domain(
    const struct stopped *s, struct holds *h, struct view domain, bool held);

#endif
