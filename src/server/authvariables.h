/* authvariables - a login changes the environment (inbound 4.2): for each variable AUTH_SET_NAME (jms1),
 * NAME is set to its value; for AUTH_UNSET_NAME it is unset; then what the password checker says
 * (config/variables.h).  DATABYTES, MFCHECK, SPFBEHAVIOR and what checks read from variables are
 * read again, and children get the new values. */
#ifndef SERVER_AUTHVARIABLES_H
#define SERVER_AUTHVARIABLES_H

#include <stdbool.h>

struct session;

/* False if AUTH was answered: a control file cannot be read. */
bool authvariables_apply(struct session *s);

/* As it was before. */
void authvariables_undo(struct session *s);

#endif
