/* authlimit - failed logins, counted in qmail-state for the client's network and for the user, and
 * who is refused for a while because of them (control/authfailures, authfailuresuser, authfailtime).
 * A store that cannot be asked means that nobody is refused (server/store.h). */
#ifndef SERVER_AUTHLIMIT_H
#define SERVER_AUTHLIMIT_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/answer.h"
#include "lib/problem.h"
#include "lib/view.h"

/* What a session keeps.  {0}: nothing was read or asked yet. */
struct session_authlimit {
	bool known; /* the figures are; read before the first password is checked */
	uint64_t network,
	    user;         /* failures within `seconds`, then refused; 0: not counted */
	uint64_t seconds; /* also the length of a refusal */
	const char *who;  /* after ANSWER_YES: "network" or "user" */
};

struct session;

/* Before a password is checked.  ANSWER_YES: the client's network or the user is refused now.
 * ANSWER_ERROR: a control file cannot be read. */
enum answer authlimit_refuses(
    struct session *s, struct view user, struct problem *problem);

/* The password was wrong: count it, and refuse from now on where it was one too many.  How many the
 * client's network or the user has now, whichever has more; 0 if that is not known. */
uint64_t authlimit_failed(struct session *s, struct view user);

/* How many times auth_delay_ms the answer waits, after so many failures in this session, and so many
 * that the store knows of. */
uint64_t authlimit_delays(uint64_t in_session, uint64_t in_store);

/* It was right: the user's failures are forgotten.  The network's are not: whoever has one
 * account could otherwise guess at the others for ever. */
void authlimit_succeeded(struct session *s, struct view user);

#endif
