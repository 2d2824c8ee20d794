/* present - which names there are in control/, by one look at the directory.  A session asks for some
 * seventy control files of which a handful exists; what was not there at the look is absent without
 * a system call.
 *
 * This is known of the process, as its current directory is, on which it depends.  Where nobody has
 * looked, or the directory cannot be listed in one piece, each file is asked for. */
#ifndef CONFIG_PRESENT_H
#define CONFIG_PRESENT_H

#include <stdbool.h>

/* Look (again): what is created later is seen at the next look, what is removed at once. */
void present_look(void);

/* False: `path` is a name in control/, or below one, that was not there.  True says nothing. */
bool present_may_be(const char *path);

/* Open a file for reading, as fd_open_file() does: cheap where there is none (-1 with ENOENT). */
int present_open(const char *path);

#endif
