/* namefile - a file of names (nameline.h, without separator) that is searched where it is, some KB
 * in memory at a time: what the kernel has in its cache is looked at faster than fresh memory could
 * take it in. */
#ifndef CONFIG_NAMEFILE_H
#define CONFIG_NAMEFILE_H

#include <stddef.h>
#include <stdint.h>

#include "lib/answer.h"
#include "lib/str.h"
#include "lib/view.h"

enum { NAMEFILE_WINDOW = 16384 };
#define NAMEFILE_NOWHERE SIZE_MAX

/* Open a control file.  ANSWER_YES: it can be read, and *fd is a descriptor to give to the other
 * functions; or it is small, or no regular file: then *fd is -1, and *bytes, which was {0}, has all
 * of it.  ANSWER_NO, or ANSWER_ERROR with errno: nothing is touched. */
enum answer namefile_open(const char *path, int *fd, struct str *bytes);

/* The offsets of the last lines that have these names, all in one pass; NAMEFILE_NOWHERE for those
 * that none has.  0; or -1 with errno, EMSGSIZE: a line is too long for this way, namefile_load()
 * must help. */
int namefile_find_last(int fd, const struct view *names, size_t count, size_t *offsets);

/* How many LF there are in the first `len` octets.  0, or -1 with errno. */
int namefile_count(int fd, size_t len, size_t *count);

/* All of it.  0, or -1 with errno. */
int namefile_load(int fd, struct str *bytes);

#endif
