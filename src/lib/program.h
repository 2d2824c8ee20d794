/* program - what every main does first: signals, memory, and the qmail home. */
#ifndef LIB_PROGRAM_H
#define LIB_PROGRAM_H

/* Ignore SIGPIPE and SIGXFSZ, make sure that descriptors 0, 1 and 2 are open, and install what happens when
 * there is no memory. */
void program_start(void (*out_of_memory)(void));

/* The home: $QMAILHOME, unless the process is set-id; else the one compiled in. */
const char *program_home(void);

/* chdir to the home.  0, or -1 with errno; EPERM when a set-id program finds a $QMAILHOME that is
 * another directory than the compiled-in home (its mail would go to a queue the caller did not
 * mean). */
int program_enter_home(void);

#endif
