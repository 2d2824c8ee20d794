/* print - what a tool for people prints: all of it is written, or somebody is told. */
#ifndef LIB_PRINT_H
#define LIB_PRINT_H

#include "lib/view.h"

/* Write `text` on standard output.  0; or -1 with errno, and a line on stderr that begins with the name of
 * the program, but for EPIPE: who closes a pipe has seen enough. */
int print_all(const char *program, struct view text);

/* That line, for who writes otherwise. */
void print_complain(const char *program, int error);

#endif
