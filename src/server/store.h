/* store - a session's way to qmail-state: opened when it is first needed, used by all that count or
 * remember something.  A store that cannot be asked is a line in the log and is then not asked
 * again in this session: whoever asked lets pass (DESIGN 4). */
#ifndef SERVER_STORE_H
#define SERVER_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/ip.h"
#include "lib/str.h"
#include "wire/state.h"

/* What a session keeps.  {0}: nothing was asked yet. */
struct session_store {
	bool is_open; /* `state` is set up */
	bool is_lost; /* it could not be asked */
	struct state state;
};

struct session;

#define STORE_NOT_ASKED "not asked in a rehearsal"

/* Several at once, all done or none; `count` at most STATE_OPS_MAX.  True if `out` is filled in;
 * false, too, for a count of 0. */
bool store_ask(struct session *s, const struct state_op *ops, size_t count,
    struct state_result *out);

/* Nothing will be asked for a while: a helper of our own need not wait for it. */
void store_rest(struct session_store *store);

/* Append the key of the network that `ip` is in, an IPv4 /24 or IPv6 /64. */
void store_network_key(struct str *key, const struct ip *ip);

/* The same of the client.  False if its address is not known. */
bool store_client_key(const struct session *s, struct str *key);

/* A figure or a number of seconds from a control file, as an operation takes it. */
uint32_t store_number(uint64_t number);

#endif
