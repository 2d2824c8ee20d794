/* mxps - exchangers that speak QMTP and say so by their preference: 12800 to 13055, and 1 modulo 16
 * (outbound 3.1 X; https://cr.yp.to/proto/mxps.txt). */
#ifndef CLIENT_MXPS_H
#define CLIENT_MXPS_H

#include "client/targets.h"
#include "lib/answer.h"
#include "lib/arena.h"
#include "lib/problem.h"

/* If control/mxps has a number that is not 0, put in front of each address of such an exchanger the
 * same one for QMTP, in a list that is in `mem`.  Without such an address nothing is read.
 * ANSWER_ERROR with `problem`. */
enum answer mxps_expand(
    struct targets *targets, struct arena *mem, struct problem *problem);

#endif
