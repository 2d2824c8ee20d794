/* report - what a spawner makes of its child's end: the first letter K (delivered), Z (try later)
 * or D (failed for good), then text for the log and the bounce (outbound 1.4, 1.5; queue 4.8).
 * Pure. */
#ifndef SPAWN_REPORT_H
#define SPAWN_REPORT_H

#include <stdbool.h>

#include "lib/str.h"
#include "lib/view.h"

enum { REPORT_LOCAL_MAX = 3000 }; /* octets of qmail-local's output */

/* qmail-remote's output and raw wait status.  A report without an end, or without a message record,
 * bounces mail for no stated reason in stock qmail; here it is deferred, unless `strict` asks for
 * stock's octets (outbound 1.5 and 10.12).  A program whose libraries could not be loaded is tried
 * later, too. */
void report_from_remote(
    int wait_status, struct view output, bool strict, struct str *report);

/* qmail-local's.  Output of more than REPORT_LOCAL_MAX octets is cut and ends in "\nError report too
 * long, sorry.\n"; nothing from the first NUL on is reported.  If its libraries could not be loaded, that
 * is Z. */
void report_from_local(int wait_status, struct view output, struct str *report);

#endif
