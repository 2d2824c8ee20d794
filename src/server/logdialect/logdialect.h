/* logdialect - the log lines of qmail-smtpd as other patch sets write them, for the programs that
 * read those (inbound 5.17; control/logdialect).  One file for each; they see a logevent only. */
#ifndef SERVER_LOGDIALECT_LOGDIALECT_H
#define SERVER_LOGDIALECT_LOGDIALECT_H

#include "lib/str.h"
#include "server/logevent.h"

/* Append the lines for an event, each with its LF: none, one, or more.  Each is bounded, and holds
 * no byte of the client's but printable ASCII. */
typedef void logdialect_format(const struct logevent *e, struct str *out);

logdialect_format logdialect_project;
logdialect_format logdialect_chkuser, logdialect_indimail, logdialect_jms1,
    logdialect_ldap, logdialect_sagredo, logdialect_sqmail;

/* By its name; NULL: there is none. */
logdialect_format *logdialect_find(struct view name);

#endif
