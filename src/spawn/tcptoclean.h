/* tcptoclean - at the start of qmail-rspawn the tables of addresses that timed out are empty again
 * (outbound 2.6), as an admin expects who mended the network and starts qmail. */
#ifndef SPAWN_TCPTOCLEAN_H
#define SPAWN_TCPTOCLEAN_H

/* The current directory must be the home.  A table that is not there, or not ours to write, stays. */
void tcptoclean(void);

#endif
