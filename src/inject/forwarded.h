/* forwarded - the sender of a message that is sent on by a program of a .qmail file: SRS, as the patches
 * have it in qmail-inject (queue 3.2). */
#ifndef INJECT_FORWARDED_H
#define INJECT_FORWARDED_H

#include "inject/envelope.h"
#include "inject/settings.h"

/* If $EXT and $HOST are set, as they are in a delivery, or $QMAILINJECT_FORCE_SRS, and not
 * $QMAILINJECT_SKIP_SRS: rewrite the sender by the rules of srs/rules.h, which may leave it. */
enum inject_status forwarded_rewrite_sender(
    struct envelope *e, const struct inject_settings *s, struct str *complaint);

#endif
