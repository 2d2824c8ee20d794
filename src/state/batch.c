#include "state/batch.h"

#include "state/operate.h"
#include "wire/kinds.h"
#include "wire/stateop.h"

enum { TRIES = 4 };

void
batch_refuse(struct serve_job *job, enum frame_status status, const char *reason)
{
	frame_start(&job->answer, job->request.kind, (uint8_t)status, job->request.id, 0);
	frame_add(&job->answer, TAG_REASON, view_of(reason));
}

static void
make_key(struct str *key, const struct state_op *op)
{
	str_clear(key);
	str_append_byte(key, (char)op->space);
	str_append(key, op->key);
}

static enum store_outcome
do_op(struct store *store, const struct state_op *op, uint64_t now, struct str *key,
    struct str *room, struct state_result *result)
{
	struct record record = { 0 };
	enum store_outcome outcome;

	make_key(key, op);
	outcome = store->get(store->self, str_view(key), &record);
	if (outcome != STORE_OK && outcome != STORE_NONE)
		return outcome;
	switch (operate(op, now, &record, room, result)) {
	case OPERATE_PUT:
		return store->put(store->self, str_view(key), &record);
	case OPERATE_REMOVE:
		return store->remove(store->self, str_view(key));
	case OPERATE_KEEP:
		break;
	}
	return STORE_OK;
}

/* The operations of one request.  One that says nothing we understand does nothing. */
static enum store_outcome
do_job(struct store *store, struct serve_job *job, uint64_t now)
{
	struct state_op ops[STATE_OPS_MAX];
	struct state_result result;
	struct str key = { 0 }, room = { 0 };
	enum store_outcome outcome = STORE_OK;
	bool unknown;
	size_t count = stateop_parse(&job->request, ops, &unknown), i;

	if (count == 0) {
		batch_refuse(
		    job, unknown ? FRAME_UNSUPPORTED : FRAME_MALFORMED, "not understood");
		return STORE_OK;
	}
	frame_start(&job->answer, job->request.kind, FRAME_OK, job->request.id, 0);
	for (i = 0; i < count && outcome == STORE_OK; i++) {
		outcome = do_op(store, &ops[i], now, &key, &room, &result);
		if (outcome == STORE_OK)
			stateop_add_result(&job->answer, &result);
	}
	str_free(&key);
	str_free(&room);
	return outcome;
}

/* One transaction. */
static enum store_outcome
try_once(struct store *store, struct serve_job *const *jobs, size_t count, uint64_t now)
{
	enum store_outcome outcome = store->begin(store->self, now);
	size_t i;

	if (outcome != STORE_OK)
		return outcome;
	for (i = 0; i < count && outcome == STORE_OK; i++)
		outcome = do_job(store, jobs[i], now);
	if (outcome == STORE_OK)
		return store->commit(store->self);
	store->undo(store->self);
	return outcome;
}

static enum store_outcome
try_all(struct store *store, struct serve_job *const *jobs, size_t count, uint64_t now)
{
	enum store_outcome outcome = STORE_AGAIN;
	int i;

	for (i = 0; i < TRIES && outcome == STORE_AGAIN; i++)
		outcome = try_once(store, jobs, count, now);
	return outcome;
}

void
batch_run(struct store *store, struct serve_job *const *jobs, size_t count, uint64_t now)
{
	enum store_outcome outcome = try_all(store, jobs, count, now);
	size_t i;

	if (outcome == STORE_OK)
		return;
	for (i = 0; i < count; i++)
		if (outcome != STORE_FULL || try_all(store, &jobs[i], 1, now) != STORE_OK)
			batch_refuse(jobs[i], FRAME_LATER, "store cannot be used");
}
