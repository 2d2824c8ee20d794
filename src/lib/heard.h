/* heard - does anybody still read what is written? */
#ifndef LIB_HEARD_H
#define LIB_HEARD_H

#include <stdbool.h>

/* False when the other end of the pipe or socket `fd` is closed.  The daemons that a qmail-send gives orders ask
 * before each: of one that was killed they are not carried out any more.  The next one may have taken the same
 * numbers up already, or they are those of other messages by now. */
bool heard(int fd);

#endif
