/* maildirplan - what is left to the process that writes a message into a Maildir. */
#ifndef LOCAL_MAILDIRPLAN_H
#define LOCAL_MAILDIRPLAN_H

#include "os/restrict.h"

/* Files in directory `dir`, and where its tmp/ and new/ lead to; and in `root`, the Maildir that it is a
 * folder in, unless that is `dir`, or -1. */
struct restrict_plan maildirplan(int dir, int root);

#endif
