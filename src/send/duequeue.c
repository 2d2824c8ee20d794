#include "send/duequeue.h"

#include "lib/mem.h"

enum { FIRST_SIZE = 64 };

void
duequeue_add(struct duequeue *q, int64_t at, uint64_t id)
{
	size_t i = q->count++;

	if (i == q->size) {
		q->size = q->size ? q->size * 2 : FIRST_SIZE;
		q->heap = mem_resize(q->heap, q->size * sizeof *q->heap);
	}
	for (; i > 0 && q->heap[(i - 1) / 2].at > at; i = (i - 1) / 2)
		q->heap[i] = q->heap[(i - 1) / 2];
	q->heap[i] = (struct due) { at, id };
}

const struct due *
duequeue_first(const struct duequeue *q)
{
	return q->count ? &q->heap[0] : NULL;
}

void
duequeue_drop_first(struct duequeue *q)
{
	size_t i = 0, child;
	struct due last;

	if (q->count == 0)
		return;
	last = q->heap[--q->count];
	while ((child = 2 * i + 1) < q->count) {
		if (child + 1 < q->count && q->heap[child + 1].at < q->heap[child].at)
			child++;
		if (q->heap[child].at >= last.at)
			break;
		q->heap[i] = q->heap[child];
		i = child;
	}
	q->heap[i] = last;
}

void
duequeue_bring_forward(struct duequeue *q, int64_t seconds)
{
	size_t i;

	for (i = 0; i < q->count; i++)
		q->heap[i].at -= seconds;
}

void
duequeue_free(struct duequeue *q)
{
	mem_free(q->heap);
	*q = (struct duequeue) { 0 };
}
