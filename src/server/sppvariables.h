/* sppvariables - the environment as plugins of qmail-spp change it: that of our children, and ours.
 *
 * What we read later than that sees it.  RELAYCLIENT and DATABYTES, which are read at the start, take
 * effect at once. */
#ifndef SERVER_SPPVARIABLES_H
#define SERVER_SPPVARIABLES_H

#include "server/session.h"

/* False if a control file cannot be read: then that was answered. */
bool sppvariables_set(struct session *s, struct view name, struct view value);
bool sppvariables_unset(struct session *s, struct view name);

/* Our environment is left without them. */
void sppvariables_free(struct session_spp *spp);

#endif
