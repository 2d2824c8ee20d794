/* sid - the session id: 16 hex digits of seconds (8), pid (4) and random bits (4).  Made by
 * qmail-smtpd; in its log lines, in frames to helpers, and in $QMAILSID of its children. */
#ifndef LIB_SID_H
#define LIB_SID_H

#include <stdint.h>
#include <sys/types.h>

enum { SID_LEN = 16 };

/* Write SID_LEN digits and a NUL to `out`. */
void sid_make(char out[SID_LEN + 1], int64_t now, pid_t pid, uint16_t random);

#endif
