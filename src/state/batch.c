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

/* What the operations of a request share. */
struct doing {
	struct store *store;
	uint64_t now;
	struct str key, room;
	bool over; /* one of those that go together is */
};

/* What the operation would do, and with `doing_it` does. */
static enum store_outcome
do_op(struct doing *d, const struct state_op *op, bool doing_it,
    struct state_result *result)
{
	struct store *store = d->store;
	struct record record = { 0 };
	enum operate_change change;
	enum store_outcome outcome;

	make_key(&d->key, op);
	outcome = store->get(store->self, str_view(&d->key), &record);
	if (outcome != STORE_OK && outcome != STORE_NONE)
		return outcome;
	change = operate(op, d->now, &record, &d->room, result);
	if (doing_it && change == OPERATE_PUT)
		return store->put(store->self, str_view(&d->key), &record);
	if (doing_it && change == OPERATE_REMOVE)
		return store->remove(store->self, str_view(&d->key));
	return STORE_OK;
}

/* Is one of those over that go together? */
static enum store_outcome
look_ahead(struct doing *d, const struct state_op *ops, size_t count)
{
	struct state_result result;
	enum store_outcome outcome = STORE_OK;
	size_t i;

	for (i = 0; i < count && outcome == STORE_OK && !d->over; i++) {
		if (!(ops[i].flags & STATE_TOGETHER))
			continue;
		outcome = do_op(d, &ops[i], false, &result);
		if (outcome == STORE_OK)
			d->over = result.standing == STATE_OVER;
	}
	return outcome;
}

/* The operations of one request.  One that says nothing we understand does nothing. */
static enum store_outcome
do_job(struct store *store, struct serve_job *job, uint64_t now)
{
	struct state_op ops[STATE_OPS_MAX];
	struct state_result result;
	struct doing d = { .store = store, .now = now };
	enum store_outcome outcome;
	bool unknown;
	size_t count = stateop_parse(&job->request, ops, &unknown), i;

	if (count == 0) {
		batch_refuse(
		    job, unknown ? FRAME_UNSUPPORTED : FRAME_MALFORMED, "not understood");
		return STORE_OK;
	}
	frame_start(&job->answer, job->request.kind, FRAME_OK, job->request.id, 0);
	outcome = look_ahead(&d, ops, count);
	for (i = 0; i < count && outcome == STORE_OK; i++) {
		bool left_out = d.over && (ops[i].flags & STATE_TOGETHER);

		outcome = do_op(&d, &ops[i], !left_out, &result);
		if (outcome == STORE_OK)
			stateop_add_result(&job->answer, &result);
	}
	str_free(&d.key);
	str_free(&d.room);
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
