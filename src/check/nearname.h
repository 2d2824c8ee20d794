/* nearname - which control file was meant by a name that none has?  Pure. */
#ifndef CHECK_NEARNAME_H
#define CHECK_NEARNAME_H

#include "lib/view.h"

/* How many single octets must be put in, left out, or changed, or neighbours exchanged, to make one name
 * of the other; case does not matter.  At most NEARNAME_FAR, which is any more, or a name longer than
 * NEARNAME_MAX. */
enum { NEARNAME_MAX = 64, NEARNAME_FAR = 3 };
unsigned nearname_distance(struct view a, struct view b);

/* The name of the control file that is nearest, or NULL. */
const char *nearname_find(struct view name);

#endif
