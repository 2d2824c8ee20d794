#include "server/store.h"

#include "server/log.h"
#include "server/session.h"

enum {
	PATIENCE = 5,   /* seconds for an answer */
	NETWORK_V4 = 3, /* octets of a /24 */
	NETWORK_V6 = 8, /* of a /64 */
};

static void
lose(struct session *s)
{
	struct log_line line;

	log_begin(&line, &s->log, LOG_HELPER);
	log_add_text(&line, KEY_HELPER, "qmail-state");
	log_add_text(&line, KEY_REASON, s->store.state.reason);
	log_end(&line);
	store_rest(&s->store);
	s->store.is_lost = true;
}

bool
store_ask(
    struct session *s, const struct state_op *ops, size_t count, struct state_result *out)
{
	struct session_store *store = &s->store;

	if (count == 0 || store->is_lost)
		return false;
	if (!store->is_open)
		state_init(&store->state);
	store->is_open = true;
	if (s->is_rehearsal) {
		store->state.reason = STORE_NOT_ASKED;
		lose(s);
		return false;
	}
	if (state_ask(&store->state, ops, count, deadline_in(PATIENCE), out) == 0)
		return true;
	lose(s);
	return false;
}

void
store_rest(struct session_store *store)
{
	if (store->is_open)
		state_close(&store->state);
	store->is_open = false;
}

void
store_network_key(struct str *key, const struct ip *ip)
{
	size_t len = ip->version == 4 ? NETWORK_V4 : NETWORK_V6;

	str_append_byte(key, (char)ip->version);
	str_append(key, (struct view) { (const char *)ip->bytes, len });
}

bool
store_client_key(const struct session *s, struct str *key)
{
	struct ip ip;

	if (!ip_parse(s->peer->ip, &ip))
		return false;
	store_network_key(key, &ip);
	return true;
}

uint32_t
store_number(uint64_t number)
{
	return number < UINT32_MAX ? (uint32_t)number : UINT32_MAX;
}
