/* library - OpenSSL as qmail-tls uses it: no configuration file, nothing from the environment. */
#ifndef TLS_LIBRARY_H
#define TLS_LIBRARY_H

#include "lib/str.h"

/* Once, before anything else of OpenSSL.  0, or -1 if the library does not start. */
int library_start(void);

/* Append OpenSSL's words for the oldest error of this thread, the cause of the others, and
 * forget them all; `otherwise` if there is none. */
void library_reason(struct str *out, const char *otherwise);

/* Append words of our own for what went wrong, and forget what OpenSSL has to say.  -1. */
int library_refuse(struct str *reason, const char *text);

#endif
