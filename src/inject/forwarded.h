/* forwarded - a message that a program of .qmail sends on by qmail-inject, as vpopmail's do: its sender is
 * rewritten, as that of a forward line is (srs/rules.h).
 *
 * $EXT and $HOST, which qmail-local sets, tell that it is one; $QMAILINJECT_FORCE_SRS says so, too, and with
 * $QMAILINJECT_SKIP_SRS none is. */
#ifndef INJECT_FORWARDED_H
#define INJECT_FORWARDED_H

#include "inject/envelope.h"
#include "inject/settings.h"

/* The current directory is the home. */
enum inject_status forwarded_rewrite_sender(
    struct envelope *e, const struct inject_settings *s, struct str *complaint);

#endif
