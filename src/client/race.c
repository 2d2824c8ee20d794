#include "client/race.h"

#include <errno.h>
#include <poll.h>
#include <time.h>

#include "lib/fd.h"
#include "lib/mem.h"
#include "os/os.h"

enum { LANES = 2 };

/* An address that is being connected to; fd -1: none. */
struct runner {
	int fd;
	size_t index;
	bool known; /* the table of timeouts has it */
	struct deadline end;
};

/* One call of race_next(). */
struct heat {
	struct race *race;
	struct runner runners[LANES];
	struct deadline head_start; /* of who started last */
	bool in_turn;
};

static struct tcpto_rules
rules_of(const struct route_value *route)
{
	struct tcpto_rules rules;
	uint32_t random;

	os_random(&random, sizeof random);
	rules = tcpto_usual_rules(random);
	if (route->has_penalty)
		rules.penalty = route->penalty;
	if (route->has_tolerance)
		rules.tolerance = route->tolerance;
	return rules;
}

void
race_start(struct race *race, const struct task *task, const struct targets *targets)
{
	size_t i;

	*race = (struct race) {
		.task = task,
		.targets = targets,
		.untried = mem_alloc_zeroed(targets->count, sizeof *race->untried),
		.rules = rules_of(&task->route.value),
	};
	for (i = 0; i < targets->count; i++)
		race->untried[i] = true;
}

void
race_end(struct race *race)
{
	mem_free(race->untried);
	race->untried = NULL;
}

bool
race_leave(struct race *race, const struct target *target)
{
	bool any = false;
	size_t i;

	for (i = 0; i < race->targets->count; i++) {
		if (race->targets->list[i].preference == target->preference)
			race->untried[i] = false;
		any = any || race->untried[i];
	}
	return any;
}

void
race_drop(struct race *race, struct view name)
{
	size_t i;

	for (i = 0; i < race->targets->count; i++)
		if (view_equal(race->targets->list[i].name, name))
			race->untried[i] = false;
}

static const struct target *
target_at(const struct heat *h, size_t index)
{
	return &h->race->targets->list[index];
}

static const struct ip *
source_for(const struct heat *h, const struct target *target)
{
	const struct controls *c = &h->race->task->controls;

	return target->ip.version == 6 ? &c->outgoing6 : &c->outgoing4;
}

/* Who runs, or NULL. */
static struct runner *
anybody(struct heat *h)
{
	size_t i;

	for (i = 0; i < LANES; i++)
		if (h->runners[i].fd >= 0)
			return &h->runners[i];
	return NULL;
}

static struct runner *
free_lane(struct heat *h)
{
	size_t i;

	for (i = 0; i < LANES; i++)
		if (h->runners[i].fd < 0)
			return &h->runners[i];
	return NULL;
}

/* May the address at `index` run beside `other`? */
static bool
is_rival(const struct heat *h, const struct runner *other, size_t index)
{
	const struct target *a = target_at(h, other->index), *b = target_at(h, index);

	return a->preference == b->preference && a->ip.version != b->ip.version;
}

/* The first that may start beside who runs; the count if there is none. */
static size_t
next_starter(struct heat *h)
{
	const struct race *race = h->race;
	const struct runner *other = anybody(h);
	size_t i, count = race->targets->count;

	if (!free_lane(h) || (other && h->in_turn) || deadline_passed(race->task->end))
		return count;
	for (i = 0; i < count; i++)
		if (race->untried[i] && (!other || is_rival(h, other, i)))
			return i;
	return count;
}

static void
failed(struct heat *h, const struct target *target)
{
	watch_not_connected(h->race->task->watch, target, errno);
	/* That nobody answers at MXPS's port says nothing of SMTP's. */
	if (errno == ETIMEDOUT && !target->qmtp && !h->race->task->watch)
		tcpto_timed_out(&target->ip, &h->race->rules, (int64_t)time(NULL));
	h->head_start = deadline_in_ms(0);
}

static void
stop(struct heat *h)
{
	size_t i;

	for (i = 0; i < LANES; i++)
		fd_close(&h->runners[i].fd);
}

/* The others are as if they had never run. */
static void
win(struct heat *h, struct runner *runner, struct race_winner *out)
{
	const struct target *target = target_at(h, runner->index);

	out->target = target;
	out->fd = runner->fd;
	runner->fd = -1;
	h->race->untried[runner->index] = false;
	stop(h);
	if (runner->known && !target->qmtp && !h->race->task->watch)
		tcpto_connected(&target->ip);
}

/* CONNECT_OK: it has won, or it runs (*running). */
static enum connect_result
start(struct heat *h, size_t index, struct race_winner *out, bool *running)
{
	struct race *race = h->race;
	const struct task *task = race->task;
	const struct target *target = target_at(h, index);
	struct tcpto_lookup seen =
	    tcpto_look_up(&target->ip, &race->rules, (int64_t)time(NULL));
	struct runner *lane = free_lane(h);
	enum connect_result result;

	out->target = target;
	if (race->admits && !race->admits(race->context, target))
		return CONNECT_FAILED;
	if (seen.blocked) {
		watch_not_connected(task->watch, target, 0);
		return CONNECT_FAILED;
	}
	result = connect_begin(
	    &target->ip, target->port, source_for(h, target), &lane->fd, running);
	if (result == CONNECT_FAILED)
		failed(h, target);
	if (result != CONNECT_OK)
		return result;
	lane->index = index;
	lane->known = seen.known;
	lane->end =
	    deadline_sooner(deadline_in_ms(task->controls.timeoutconnect_ms), task->end);
	h->head_start = deadline_in_ms(RACE_HEAD_START);
	if (!*running)
		win(h, lane, out);
	return CONNECT_OK;
}

/* Until one of them is connected or failed, or the next may start. */
static void
wait_for_news(struct heat *h)
{
	struct pollfd lanes[LANES];
	struct deadline until = deadline_never();
	size_t i;

	if (next_starter(h) < h->race->targets->count)
		until = h->head_start;
	for (i = 0; i < LANES; i++) {
		lanes[i] = (struct pollfd) { h->runners[i].fd, POLLOUT, 0 };
		if (h->runners[i].fd >= 0)
			until = deadline_sooner(until, h->runners[i].end);
	}
	/* Whatever it says, each of them is asked. */
	poll(lanes, LANES, deadline_left_ms(until));
}

/* Is the runner connected?  One that failed runs no more. */
static bool
has_arrived(struct heat *h, struct runner *runner)
{
	const struct target *target;

	if (runner->fd < 0)
		return false;
	target = target_at(h, runner->index);
	if (fd_wait_writable(runner->fd, deadline_in_ms(0)) == 0) {
		if (connect_finish(runner->fd) == 0)
			return true;
	} else if (!deadline_passed(runner->end)) {
		return false;
	} else {
		errno = ETIMEDOUT;
	}
	fd_close(&runner->fd);
	h->race->untried[runner->index] = false;
	failed(h, target);
	return false;
}

static bool
take_news(struct heat *h, struct race_winner *out)
{
	size_t i;

	for (i = 0; i < LANES; i++)
		if (has_arrived(h, &h->runners[i])) {
			win(h, &h->runners[i], out);
			return true;
		}
	return false;
}

/* The next one starts; CONNECT_FAILED: go on. */
static enum connect_result
start_next(struct heat *h, size_t index, struct race_winner *out)
{
	bool running = false, alone = !anybody(h);
	enum connect_result result = start(h, index, out, &running);

	if (result == CONNECT_OK)
		return running ? CONNECT_FAILED : CONNECT_OK;
	if (result == CONNECT_FAILED)
		h->race->untried[index] = false;
	else if (
	    !alone) /* who runs may arrive still; what is wrong shows again afterwards */
		h->in_turn = true;
	else
		return result;
	return CONNECT_FAILED;
}

enum connect_result
race_next(struct race *race, struct race_winner *out)
{
	struct heat h = { .race = race, .in_turn = race->in_turn };
	enum connect_result result;
	size_t i;

	for (i = 0; i < LANES; i++)
		h.runners[i].fd = -1;
	h.head_start = deadline_in_ms(0);
	for (;;) {
		size_t next = next_starter(&h);

		if (next < race->targets->count &&
		    (!anybody(&h) || deadline_passed(h.head_start))) {
			result = start_next(&h, next, out);
			if (result == CONNECT_OK)
				return CONNECT_OK;
			if (result != CONNECT_FAILED)
				return result;
		} else if (!anybody(&h)) {
			return CONNECT_FAILED;
		} else {
			wait_for_news(&h);
			if (take_news(&h, out))
				return CONNECT_OK;
		}
	}
}
