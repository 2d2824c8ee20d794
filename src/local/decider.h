/* decider - the program that condredirect, bouncesaying and except ask whether they shall act (queue 5.1):
 * it says yes by exit 0, "not now" by 111, no by anything else. */
#ifndef LOCAL_DECIDER_H
#define LOCAL_DECIDER_H

#include "lib/answer.h"
#include "lib/str.h"

/* Run argv[0], found in $PATH, with our descriptors, and wait for it.  ANSWER_ERROR: it could not be asked;
 * *text says why.  One that cannot be run for good says no, as in qmail; *text then tells of it. */
enum answer decider_ask(char *const *argv, struct str *text);

#endif
