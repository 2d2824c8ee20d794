/* prompt - a password from whoever sits there: twice from a terminal that shows nothing, or one line
 * of what is no terminal.  Never from arguments: ps(1) shows those. */
#ifndef USERS_PROMPT_H
#define USERS_PROMPT_H

#include "lib/str.h"

enum prompt_result {
	PROMPT_OK,
	PROMPT_DIFFERENT, /* the second time */
	PROMPT_EMPTY,
	PROMPT_TOO_LONG,     /* more than PASSWORD_MAX octets */
	PROMPT_NO_CHARACTER, /* a control octet: the line end of another system, a NUL */
	PROMPT_INTERRUPTED,
	PROMPT_UNREADABLE, /* errno */
};

/* From descriptor 0; what is asked goes to descriptor 2.  On PROMPT_OK *password is replaced; wipe
 * it. */
enum prompt_result prompt_password(struct str *password);

#endif
