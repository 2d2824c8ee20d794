/* maildirplan - what is left to the process that writes a message into a Maildir. */
#ifndef DELIVERY_MAILDIRPLAN_H
#define DELIVERY_MAILDIRPLAN_H

#include "os/restrict.h"

/* Files in directory `dir`, and where its tmp/ and new/ lead to. */
struct restrict_plan maildirplan(int dir);

#endif
