/* keeper - qmail-remote kept by qmail-rspawn: deliveries one after the other, over one session as long
 * as they may share it (outbound 5.5).  wire/kept.h has the dialogue with qmail-rspawn. */
#ifndef CLIENT_KEEPER_H
#define CLIENT_KEEPER_H

/* Serve what comes on `fd`, until its EOF or the end of the session.  The current directory must be
 * the home.  Returns the exit code: 0. */
int keeper_run(int fd);

#endif
