/* startup - what qmail-send finds in info/ when it starts (queue 4.5). */
#ifndef DELIVERY_STARTUP_H
#define DELIVERY_STARTUP_H

#include "delivery/manager.h"

/* Schedule every preprocessed message: the next attempt is the mtime of its channel's file.  One
 * with a file in todo/ will be preprocessed again; but a qmail-clean that outlived a killed
 * qmail-send may still remove that file, so such messages are looked at once more later
 * (m->doubtful). */
void startup_scan(struct manager *m);

/* Look at the doubtful ones that are due. */
void startup_recheck(struct manager *m);

/* At the end: write the times of the next attempts to the channel files. */
void startup_save(struct manager *m);

#endif
