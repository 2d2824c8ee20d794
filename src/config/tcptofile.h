/* tcptofile - where the tables of addresses that timed out are, and how large (outbound 2.6); what is
 * in them: client/tcpto.h. */
#ifndef CONFIG_TCPTOFILE_H
#define CONFIG_TCPTOFILE_H

#include <stddef.h>

#define TCPTO_FILE  "queue/lock/tcpto"
#define TCPTO_FILE6 "queue/lock/tcpto6"

enum { TCPTO_RECORDS = 64, TCPTO_RECORD = 16, TCPTO_RECORD6 = 32 /* octets */ };

/* Zero a table, under its lock.  The current directory must be the home.  NULL; or what could not be
 * done ("write", "lock", "clear"), with errno.  What is no plain file of one name is not touched:
 * others than root may make names in queue/lock. */
const char *tcptofile_clear(const char *path, size_t record);

#endif
