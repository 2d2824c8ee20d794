/* lineforms - of lists whose lines stand for themselves: is a line one?  Asked of the functions that read
 * it. */
#ifndef CHECK_LINEFORMS_H
#define CHECK_LINEFORMS_H

#include "check/check.h"

void lineforms_check(struct check *c);

#endif
