/* tcptofile - where the tables of addresses that timed out are, and how large (outbound 2.6); what is
 * in them: client/tcpto.h. */
#ifndef CONFIG_TCPTOFILE_H
#define CONFIG_TCPTOFILE_H

#define TCPTO_FILE  "queue/lock/tcpto"
#define TCPTO_FILE6 "queue/lock/tcpto6"

enum { TCPTO_RECORDS = 64, TCPTO_RECORD = 16, TCPTO_RECORD6 = 32 /* octets */ };

#endif
