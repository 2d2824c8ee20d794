#include "wire/brokerstart.h"

#include <unistd.h>

#include "wire/brokerenv.h"
#include "wire/kinds.h"

extern char **environ;

enum { HANDLE = 0 }; /* among the descriptors of a request */

/* What the child's descriptor is, for the frame; -1: too many. */
static int
pass(struct brokerstart_fds *passed, int from)
{
	size_t i;

	if (from == STDERR_FILENO)
		return BROKER_LOG;
	if (from == SPAWN_NULL)
		return BROKER_NULL;
	if (from == SPAWN_CLOSED)
		return BROKER_CLOSED;
	for (i = HANDLE + 1; i < passed->count; i++)
		if (passed->fds[i] == from)
			return (int)i;
	if (passed->count == FRAME_FDS)
		return -1;
	passed->fds[passed->count] = from;
	return (int)passed->count++;
}

bool
brokerstart_describe(
    const struct spawn *s, struct brokerstart_fds *passed, struct broker_start *start)
{
	size_t i;

	start->keep_sigpipe_ignored = s->keep_sigpipe_ignored;
	for (i = 0; i < s->fd_count; i++) {
		int from = pass(passed, s->fds[i].from);

		if (from < 0 || s->fds[i].to < 0 || s->fds[i].to > UINT8_MAX)
			return false;
		start->fds[i].to = (uint8_t)s->fds[i].to;
		start->fds[i].from = (uint8_t)from;
	}
	start->fd_count = s->fd_count;
	return !s->dir && s->argv[0];
}

void
brokerstart_pack(struct broker *b, const struct spawn *s, struct broker_start *start)
{
	struct str command = { 0 };

	brokercommands_pack(&command, s->argv, s->search);
	start->command = str_view(&command);
	frame_start(&b->request, WIRE_BROKER_START, FRAME_OK, 0, 0);
	frame_start(&b->more, WIRE_BROKER_ADD, FRAME_OK, 0, 0);
	brokerframe_add_start(&b->request, start);
	brokerenv_add_changes(&b->request, &b->more, b->base, s->env ? s->env : environ);
	str_free(&command);
}
