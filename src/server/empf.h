/* empf - who may write to whom: the messaging policy framework, control/policy (inbound 5.13), in a
 * session.  Off without the file and in strict mode. */
#ifndef SERVER_EMPF_H
#define SERVER_EMPF_H

#include <stdbool.h>

#include "config/control.h"

/* What a session keeps.  {0}: nothing was read yet. */
struct session_empf {
	bool known;   /* the file was looked for */
	bool present; /* and is there */
	struct control_list lines;
};

struct session;

/* RCPT: false if it was refused, or the session is over for want of a control file. */
bool empf_accepts_rcpt(struct session *s);

void empf_free(struct session_empf *empf);

#endif
