/* pump - carry octets between an established TLS session and the plaintext socket of the caller.
 *
 * The end of the peer's data, with close_notify or without, is EOF on the plaintext; octets still
 * go the other way.  When the plaintext ends, what was written to it is sent, then close_notify;
 * the session is over when both are done, or as soon as the plaintext is closed altogether. */
#ifndef TLS_PUMP_H
#define TLS_PUMP_H

#include <openssl/ssl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/deadline.h"

enum { PUMP_BUFFER = 65536 };

enum pump_want { PUMP_WANT_NOTHING, PUMP_WANT_IN, PUMP_WANT_OUT };

/* Octets on their way; `high` is how far the buffer was ever filled, for wiping. */
struct pump_flow {
	size_t start, end, high;
	char bytes[PUMP_BUFFER];
};

struct pump {
	/* Set by the caller.  The descriptors stay its own, and are nonblocking. */
	SSL *ssl;
	int in, out, plain;
	int64_t
	    write_ms; /* that the peer may take to accept something; negative: for ever */
	int64_t idle_ms; /* with nothing going either way, likewise */
	int rest_ms;     /* after which an idle session gives memory back; 0: never */

	/* The pump's own, zero at first: what each operation waits for, ... */
	enum pump_want net_read, net_write, plain_read, plain_write;
	/* ... and what has ended. */
	bool net_eof, net_dead, plain_eof, plain_deaf, eof_told, close_told;
	bool rested;
	bool stuck; /* the peer accepts nothing; until `write_by` */
	struct deadline write_by;
	struct pump_flow to_plain, to_net;
};

/* Until the session is over.  Wipes the buffers. */
void pump_run(struct pump *p);

#endif
