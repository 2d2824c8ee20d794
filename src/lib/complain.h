/* complain - a line for people on stderr, in one write. */
#ifndef LIB_COMPLAIN_H
#define LIB_COMPLAIN_H

/* The texts up to a NULL, and a line end.  Failures are ignored. */
void complain(const char *first, ...);

#endif
