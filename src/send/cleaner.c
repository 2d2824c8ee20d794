#include "send/cleaner.h"

#include <string.h>

#include "lib/fd.h"

size_t
cleaner_room(const struct cleaner *c, enum clean_kind kind)
{
	size_t sent = kind == CLEAN_TODO ? c->todo_count : c->count - c->todo_count;

	return c->alive ? CLEANER_SHARE - sent : 0;
}

void
cleaner_text(const struct cleaner *c, const struct clean_request *request,
    char out[NAME_MAX_OCTETS])
{
	if (request->kind == CLEAN_FOOP)
		name_flat(out, "foop", request->id);
	else if (c->big_todo)
		name_split(out, "todo", request->id % c->split, request->id);
	else
		name_flat(out, "todo", request->id);
}

int
cleaner_request(struct cleaner *c, const struct clean_request *request)
{
	char text[NAME_MAX_OCTETS];

	cleaner_text(c, request, text);
	/* With its NUL.  Never blocks for long: qmail-clean reads all the time. */
	if (fd_write_all(c->request_fd, (struct view) { text, strlen(text) + 1 }) < 0)
		return -1;
	c->queue[(c->first + c->count) % CLEANER_REQUESTS] = *request;
	c->count++;
	if (request->kind == CLEAN_TODO)
		c->todo_count++;
	return 0;
}

bool
cleaner_is_asked(const struct cleaner *c, uint64_t id)
{
	size_t i;

	for (i = 0; i < c->count; i++)
		if (c->queue[(c->first + i) % CLEANER_REQUESTS].id == id)
			return true;
	return false;
}

int
cleaner_read(struct cleaner *c)
{
	ssize_t got = fd_read(c->answer_fd, c->answers, sizeof c->answers);

	if (got <= 0)
		return -1;
	c->answered = (size_t)got;
	c->taken = 0;
	return 0;
}

enum clean_answer
cleaner_answer(struct cleaner *c, struct clean_request *request)
{
	if (c->count == 0) /* answers to nothing are dropped */
		c->taken = c->answered;
	if (c->taken == c->answered)
		return CLEAN_NONE;
	*request = c->queue[c->first];
	c->first = (c->first + 1) % CLEANER_REQUESTS;
	c->count--;
	if (request->kind == CLEAN_TODO)
		c->todo_count--;
	return c->answers[c->taken++] == '+' ? CLEAN_DONE : CLEAN_FAILED;
}
