/* envdir - directories whose files are variables, as envdir of daemontools, s6-envdir and chpst -e read them. */
#ifndef CHECK_ENVDIR_H
#define CHECK_ENVDIR_H

#include "check/runscript.h"
#include "lib/arena.h"
#include "lib/view.h"

enum { ENVDIR_VALUE_MAX = 65536 };

/* The directory that the word at `i` is told of, as the script at `path` reaches it: from its own place, or
 * where a `cd` before has led, with what it has assigned put in.  NULL: the word is no such program.  "": which
 * directory cannot be told.  Lives in `mem`. */
const char *envdir_named(
    const struct runscript *s, size_t i, struct view path, struct arena *mem);

/* Call `each` with "NAME=value", or with "NAME" for a variable that is taken away, for each file; the entries live
 * in `mem`.  0, or -1 with errno when there is no such directory, or it cannot be looked into; what `each`
 * cannot be told of a file is left out. */
int envdir_each(const char *directory, struct arena *mem,
    void (*each)(void *context, char *entry), void *context);

#endif
