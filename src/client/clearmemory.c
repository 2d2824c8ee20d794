#include "client/clearmemory.h"

#include <sys/stat.h>

#include "lib/fmt.h"
#include "os/os.h"
#include "wire/state.h"

enum { PATIENCE = 5 }; /* seconds, for one question to the store */

static bool
has_store(void)
{
	struct stat st;

	return stat("state/db", &st) == 0;
}

static void
make_key(struct str *key, const struct ip *ip, uint16_t port)
{
	struct str text = { 0 };

	ip_format(&text, ip);
	state_key_add(key, str_view(&text));
	str_clear(&text);
	fmt_u64(&text, port);
	state_key_add(key, str_view(&text));
	str_free(&text);
}

static bool
is_kept(const struct clearmemory *memory, const struct ip *ip, uint16_t port)
{
	int64_t now = os_monotonic_ms();
	size_t i;

	for (i = 0; memory && i < CLEARMEMORY_ADDRESSES; i++)
		if (memory->kept[i].until_ms > now && memory->kept[i].port == port &&
		    ip_equal(&memory->kept[i].ip, ip))
			return true;
	return false;
}

/* Do it with the record of this address.  *result is untouched if that fails. */
static void
ask_store(struct state_op op, const struct ip *ip, uint16_t port,
    struct deadline deadline, struct state_result *result)
{
	struct str key = { 0 };
	struct state state;

	if (!has_store())
		return;
	state_init(&state);
	make_key(&key, ip, port);
	op.space = STATE_STARTTLS_FAILED;
	op.key = str_view(&key);
	state_ask(
	    &state, &op, 1, deadline_sooner(deadline, deadline_in(PATIENCE)), result);
	state_close(&state);
	str_free(&key);
}

bool
clearmemory_has(const struct clearmemory *memory, const struct ip *ip, uint16_t port,
    struct deadline deadline)
{
	struct state_result result = { .standing = STATE_ABSENT };

	if (is_kept(memory, ip, port))
		return true;
	ask_store((struct state_op) { .verb = STATE_READ }, ip, port, deadline, &result);
	return result.standing == STATE_FOUND;
}

void
clearmemory_note(struct clearmemory *memory, const struct ip *ip, uint16_t port,
    struct deadline deadline)
{
	const struct state_op op = { .verb = STATE_SET, .keep = CLEARMEMORY_SECONDS };
	struct state_result result;

	if (memory) {
		memory->kept[memory->next] = (struct clearmemory_address) { *ip, port,
			os_monotonic_ms() + 1000 * CLEARMEMORY_SECONDS };
		memory->next = (memory->next + 1) % CLEARMEMORY_ADDRESSES;
	}
	ask_store(op, ip, port, deadline, &result);
}
