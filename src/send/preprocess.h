/* preprocess - from todo/N to info/N, local/N and remote/N (queue 1.4, 4.5).
 *
 * Messages are taken in batches: the files of all are written, then synced, then the directories
 * that hold their names (queue 1.5), and only then is qmail-clean asked to remove todo/N.  A
 * message is scheduled when its answer comes. */
#ifndef SEND_PREPROCESS_H
#define SEND_PREPROCESS_H

#include "send/manager.h"

void preprocess_start(struct manager *m); /* opens the trigger */

/* Take the next batch, if a scan is due or in progress. */
void preprocess_do(struct manager *m);

/* Whether preprocess_do() has something to do right away. */
bool preprocess_is_busy(const struct manager *m);

/* qmail-clean removed todo/N, or could not. */
void preprocess_cleaned(
    struct manager *m, const struct clean_request *request, bool done);

#endif
