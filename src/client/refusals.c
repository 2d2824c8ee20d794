#include "client/refusals.h"

#include <unistd.h>

#include "lib/hash.h"
#include "os/os.h"
#include "wire/state.h"

enum {
	PIECES = 4, /* of the report: a value holds only so much */
	WAIT = 5,   /* seconds for the store */
	KEY = SHA256_LEN + 1,
};

static void
add_part(struct hash *h, struct view part)
{
	struct str length = { 0 };

	state_key_add(&length, part); /* with its length in front */
	hash_add(h, str_view(&length));
	str_wipe(&length);
}

/* What one piece of the report is found by. */
static void
make_key(const struct refusal *r, char key[KEY])
{
	unsigned char digest[SHA256_LEN];
	struct str relay = { 0 };
	struct hash h;
	size_t i;

	str_append_lower(&relay, r->relay);
	hash_start(&h, HASH_SHA256);
	add_part(&h, str_view(&relay));
	add_part(&h, credential_user(r->credential));
	add_part(&h, credential_pass(r->credential));
	hash_finish(&h, digest);
	for (i = 0; i < SHA256_LEN; i++)
		key[i] = (char)digest[i];
	str_free(&relay);
}

/* All pieces at once, each done as `like` says; false: could not find out, or there is no store. */
static bool
ask(const struct refusal *r, const struct state_op *like, struct view text,
    struct state_result results[PIECES])
{
	struct state_op ops[PIECES];
	char keys[PIECES][KEY];
	struct state store;
	bool ok;
	size_t i;

	if (access("state/db", F_OK) < 0)
		return false;
	for (i = 0; i < PIECES; i++) {
		make_key(r, keys[i]);
		keys[i][SHA256_LEN] = (char)i;
		ops[i] = *like;
		ops[i].space = STATE_REFUSED_CREDENTIAL;
		ops[i].key = (struct view) { keys[i], KEY };
		ops[i].value =
		    view_first(view_from(text, i * STATE_VALUE_MAX), STATE_VALUE_MAX);
	}
	state_init(&store);
	ok = state_ask(&store, ops, PIECES, deadline_sooner(deadline_in(WAIT), r->end),
		 results) == 0;
	state_close(&store);
	return ok;
}

bool
refusals_has(const struct refusal *refusal, struct report *report)
{
	static const struct state_op read = { .verb = STATE_READ };
	struct state_result results[PIECES];
	size_t i;

	if (!ask(refusal, &read, VIEW(""), results) ||
	    results[0].standing != STATE_FOUND || results[0].value_len == 0)
		return false;
	str_clear(&report->message);
	for (i = 0; i < PIECES && results[i].standing == STATE_FOUND; i++)
		str_append(&report->message,
		    (struct view) { results[i].value, results[i].value_len });
	return true;
}

void
refusals_note(const struct refusal *refusal, const struct report *report)
{
	static const struct state_op set = { .verb = STATE_SET,
		.keep = REFUSALS_SECONDS };
	struct state_result results[PIECES];

	ask(refusal, &set, str_view(&report->message), results);
}
