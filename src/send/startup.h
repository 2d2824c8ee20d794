/* startup - what qmail-send finds in info/ when it starts (queue 4.5), a little in each turn of the loop, so
 * that new mail is delivered meanwhile; and what it leaves behind for the next start. */
#ifndef SEND_STARTUP_H
#define SEND_STARTUP_H

#include "send/manager.h"

/* Schedule every preprocessed message: the next attempt is the mtime of its channel's file.  Where the last
 * qmail-send did not come to its end these times are old: then it is the next of the curve, so that not
 * everything is tried at once.  One with a file in todo/ will be preprocessed again; but a qmail-clean that
 * outlived a killed qmail-send may still remove that file, so such messages are looked at once more later
 * (m->doubtful). */
void startup_begin(struct manager *m);
void startup_do(struct manager *m);
bool startup_is_busy(const struct manager *m);

/* Look at the doubtful ones that are due. */
void startup_recheck(struct manager *m);

/* Does the lock file say that we came to our end last time?  From now on it says that we did not. */
bool startup_was_clean(int mutex_fd);

/* At the end: write the times of the next attempts to the channel files, and say so in the lock file. */
void startup_save(struct manager *m);

#endif
