#include "qtool/gather.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/mem.h"
#include "queue/walk.h"

/* What was gathered and not yet handed on. */
struct handful {
	const struct gather *g;
	struct message list[QUEUECTL_KEYS];
	struct report_reasons reasons[QUEUECTL_KEYS];
	size_t count;
	bool enough;
	uint64_t *new; /* numbers that were met in todo/, sorted */
	size_t new_count, new_size;
};

static void
note_reason(void *context, size_t index, const struct queuectl_reason *reason)
{
	struct handful *h = context;

	report_reasons_add(&h->reasons[index], reason);
}

/* --- does it fit, now that we know how it stands? --------------------------------------------------------- */

static bool
has_reason(const struct criteria *c, const struct report_reasons *reasons)
{
	size_t i;

	for (i = 0; i < reasons->count; i++)
		if (criteria_fits_reason(c, str_view(&reasons->list[i].text)))
			return true;
	return !c->reason;
}

static void
drop(struct handful *h, size_t i)
{
	message_free(&h->list[i]);
	report_reasons_free(&h->reasons[i]);
}

static void
drop_others(struct handful *h)
{
	const struct criteria *c = h->g->criteria;
	size_t i, kept = 0;

	for (i = 0; i < h->count; i++) {
		if ((c->held && !h->list[i].state.held) ||
		    !has_reason(c, &h->reasons[i])) {
			drop(h, i);
			continue;
		}
		h->list[kept] = h->list[i];
		h->reasons[kept++] = h->reasons[i];
	}
	h->count = kept;
}

static int
hand_on(struct handful *h)
{
	const struct gather *g = h->g;
	int result =
	    h->count == 0 ? 0 : reach_states(g->reach, h->list, h->count, note_reason, h);
	size_t i;

	if (result == 0)
		drop_others(h);
	if (result == 0 && h->count > 0)
		h->enough = !g->take(g->context, h->list, h->reasons, h->count);
	for (i = 0; i < h->count; i++)
		drop(h, i);
	memset(h->reasons, 0, sizeof h->reasons);
	h->count = 0;
	return result;
}

/* --- by what is in the files ------------------------------------------------------------------------------ */

struct question {
	const struct criteria *criteria;
	const struct message *message;
	bool fits;
};

static void
ask_recipient(void *context, const struct message_recipient *recipient)
{
	struct question *q = context;

	q->fits = q->fits || criteria_fits_recipient(q->criteria, q->message, recipient);
}

static bool
fits(const struct gather *g, const struct message *m)
{
	struct question q = { g->criteria, m, false };

	if (!criteria_fits(g->criteria, m, g->now))
		return false;
	if (!criteria_wants_recipient(g->criteria))
		return true;
	return message_recipients(g->layout, m, ask_recipient, &q) == 0 && q.fits;
}

/* `wanted`: somebody asked for that number. */
static int
look_at(struct handful *h, uint64_t id, bool wanted)
{
	const struct gather *g = h->g;
	struct message *m = &h->list[h->count];

	switch (message_read(g->layout, id, m)) {
	case ANSWER_YES:
		break;
	case ANSWER_NO: /* it came to its end */
		if (wanted)
			g->missing(g->context, id, false);
		return 0;
	case ANSWER_ERROR:
		g->missing(g->context, id, true);
		return 0;
	}
	if (!fits(g, m))
		message_free(m);
	else if (++h->count == QUEUECTL_KEYS)
		return hand_on(h);
	return 0;
}

/* --- all of them ------------------------------------------------------------------------------------------ */

static int
by_number(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static void
remember(struct handful *h, uint64_t id)
{
	if (h->new_count == h->new_size) {
		h->new_size = h->new_size ? h->new_size * 2 : 64;
		h->new = mem_resize(h->new, h->new_size * sizeof *h->new);
	}
	h->new[h->new_count++] = id;
}

static bool
was_met(const struct handful *h, uint64_t id)
{
	return h->new_count > 0 &&
	    bsearch(&id, h->new, h->new_count, sizeof id, by_number) != NULL;
}

static int
walk(struct handful *h, enum layout_dir dir)
{
	const struct gather *g = h->g;
	enum answer next = ANSWER_NO;
	struct walk w;
	uint64_t id;
	int result = 0;

	walk_start(&w, g->layout, dir);
	while (result == 0 && !h->enough && (next = walk_next(&w, &id)) == ANSWER_YES) {
		if (dir == LAYOUT_TODO)
			remember(h, id);
		else if (was_met(h, id))
			continue;
		result = look_at(h, id, false);
	}
	walk_end(&w);
	if (next != ANSWER_ERROR)
		return result;
	str_set(&g->reach->problem, VIEW("unable to read the queue: "));
	str_append_text(&g->reach->problem, strerror(errno));
	return -1;
}

/* todo/ first: what is taken from there meanwhile is met in info/, and not missed. */
static int
walk_all(struct handful *h)
{
	if (walk(h, LAYOUT_TODO) < 0)
		return -1;
	if (h->new_count > 0)
		qsort(h->new, h->new_count, sizeof *h->new, by_number);
	return walk(h, LAYOUT_INFO);
}

static int
look_at_numbers(struct handful *h)
{
	const struct criteria *c = h->g->criteria;
	size_t i;

	for (i = 0; i < c->id_count && !h->enough; i++)
		if (look_at(h, c->ids[i], true) < 0)
			return -1;
	return 0;
}

int
gather_all(const struct gather *g)
{
	struct handful *h = mem_alloc_zeroed(1, sizeof *h);
	int result;

	h->g = g;
	result = g->criteria->id_count > 0 ? look_at_numbers(h) : walk_all(h);
	if (result == 0 && !h->enough)
		result = hand_on(h);
	while (h->count > 0)
		drop(h, --h->count);
	mem_free(h->new);
	mem_free(h);
	return result;
}
