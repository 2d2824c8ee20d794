/* rights - what a set-gid helper may do, and what it does not believe of whoever started it. */
#ifndef WIRE_RIGHTS_H
#define WIRE_RIGHTS_H

/* First thing: descriptors above 2, signals, timers, umask and soft limits are not those of the
 * caller any more (softlimit -m of an SMTP service is too small for OpenSSL, or for LMDB's map); umask 077; no
 * core, and no other process that could read the memory. */
void rights_forget_caller(void);

/* After the home was entered: an empty environment. */
void rights_forget_environment(void);

/* The same, but $QMAILHOME is `home` afterwards, for programs that are to find it.  0 or -1 with errno. */
int rights_forget_environment_but(const char *home);

/* Give up the group that the set-gid bit gave, for good.  0, or -1: then do not go on. */
int rights_drop_group(void);

/* A service that root started becomes `user` and its group; another just gives up the group of
 * the set-gid bit.  0, or -1 with errno. */
int rights_become(const char *user);

#endif
