/* qmail-qmtpd - receive mail by QMTP on descriptors 0 and 1.  See qmail-qmtpd(8). */
#include "server/netsession.h"

int
main(void)
{
	return netsession_main("qmail-qmtpd", SESSION_QMTP);
}
