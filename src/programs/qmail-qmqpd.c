/* qmail-qmqpd - receive mail by QMQP on descriptors 0 and 1, from hosts that may send everything to
 * everybody: who may connect is the rules of tcpserver's to say.  See qmail-qmqpd(8). */
#include "server/netsession.h"

int
main(void)
{
	return netsession_main("qmail-qmqpd", SESSION_QMQP);
}
