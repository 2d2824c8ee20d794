/* watch - who looks on while a delivery is only rehearsed, as by qmail-try: hears what is said, and has
 * its way where a delivery would leave something behind: no message is sent, no timeout noted. */
#ifndef CLIENT_WATCH_H
#define CLIENT_WATCH_H

#include "client/targets.h"
#include "lib/view.h"
#include "smtp/remotereply.h"
#include "tlspolicy/tlschoice.h"
#include "wire/tlsfacts.h"

struct watch {
	void *context;
	/* It is this one's turn now. */
	void (*connected)(void *context, const struct target *target);
	/* `error` is errno; 0: it timed out lately, and is left out. */
	void (*not_connected)(void *context, const struct target *target, int error);
	/* A command is on its way; `argument` is a credential behind "AUTH MECHANISM " and where `verb`
	 * is empty. */
	void (*sent)(void *context, const char *verb, struct view argument);
	void (*heard)(void *context, const struct remotereply *reply);
	/* A handshake came to an end, and well. */
	void (*secured)(
	    void *context, const struct tlschoice *tls, const struct tls_facts *facts);
};

/* Each may be called with NULL: nobody looks on. */
void watch_connected(const struct watch *watch, const struct target *target);
void watch_not_connected(
    const struct watch *watch, const struct target *target, int error);
void watch_sent(const struct watch *watch, const char *verb, struct view argument);
void watch_heard(const struct watch *watch, const struct remotereply *reply);
void watch_secured(const struct watch *watch, const struct tlschoice *tls,
    const struct tls_facts *facts);

#endif
