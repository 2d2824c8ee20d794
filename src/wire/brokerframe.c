#include "wire/brokerframe.h"

#include <errno.h>

#include "wire/kinds.h"

enum { HANDLES = 1, ERROR_MAX = 4095, SIGNAL_MAX = 64 };

/* --- START ------------------------------------------------------------------------------------------- */

void
brokerframe_add_start(struct str *packet, const struct broker_start *start)
{
	size_t i;

	frame_add(packet, TAG_BROKER_COMMAND, start->command);
	if (start->keep_sigpipe_ignored)
		frame_add(packet, TAG_BROKER_SIGPIPE, VIEW(""));
	for (i = 0; i < start->fd_count; i++) {
		char octets[2] = { (char)start->fds[i].to, (char)start->fds[i].from };

		frame_add(packet, TAG_BROKER_DESCRIPTOR, (struct view) { octets, 2 });
	}
}

static bool
take_descriptor(struct broker_start *start, size_t passed, struct view octets)
{
	uint8_t to, from;

	if (octets.len != 2 || start->fd_count == SPAWN_FDS)
		return false;
	to = (uint8_t)octets.at[0];
	from = (uint8_t)octets.at[1];
	if (from < BROKER_LOG && (from < HANDLES || from >= passed))
		return false;
	start->fds[start->fd_count].to = to;
	start->fds[start->fd_count].from = from;
	start->fd_count++;
	return true;
}

bool
brokerframe_start(const struct frame *frame, struct broker_start *out)
{
	struct broker_start start = { 0 };
	struct view rest = frame->fields, octets;
	uint16_t tag;

	if (frame->kind != WIRE_BROKER_START || frame->fd_count < HANDLES)
		return false;
	while (frame_next(&rest, &tag, &octets)) {
		if (tag == TAG_BROKER_COMMAND)
			start.command = octets;
		else if (tag == TAG_BROKER_SIGPIPE)
			start.keep_sigpipe_ignored = true;
		else if (tag == TAG_BROKER_DESCRIPTOR &&
		    !take_descriptor(&start, frame->fd_count, octets))
			return false;
	}
	if (start.command.len == 0)
		return false;
	*out = start;
	return true;
}

/* --- answers ------------------------------------------------------------------------------------------ */

void
brokerframe_pack_started(struct str *packet, const struct frame *request, pid_t pid)
{
	frame_start(packet, request->kind, FRAME_OK, request->id, 0);
	frame_add_u32(packet, TAG_BROKER_CHILD, (uint32_t)pid);
}

void
brokerframe_pack_failed(struct str *packet, const struct frame *request, int error)
{
	frame_start(packet, request->kind, FRAME_NO, request->id, 0);
	frame_add_u32(packet, TAG_BROKER_ERROR, (uint32_t)error);
}

void
brokerframe_pack_ended(struct str *packet, int status)
{
	frame_start(packet, WIRE_BROKER_ENDED, FRAME_OK, 0, 0);
	frame_add_u32(packet, TAG_BROKER_STATUS, (uint32_t)status);
}

pid_t
brokerframe_started(const struct frame *answer)
{
	uint32_t pid, error = EPROTO;

	if (answer->status == FRAME_OK &&
	    frame_find_u32(answer, TAG_BROKER_CHILD, &pid) && pid > 0 && pid <= INT32_MAX)
		return (pid_t)pid;
	if (answer->status != FRAME_NO ||
	    !frame_find_u32(answer, TAG_BROKER_ERROR, &error) || error == 0 ||
	    error > ERROR_MAX)
		error = EPROTO;
	errno = (int)error;
	return -1;
}

bool
brokerframe_ended(const struct frame *frame, int *status)
{
	uint32_t octets;

	if (frame->kind != WIRE_BROKER_ENDED ||
	    !frame_find_u32(frame, TAG_BROKER_STATUS, &octets))
		return false;
	*status = (int)octets;
	return true;
}

/* --- KILL ---------------------------------------------------------------------------------------------- */

void
brokerframe_pack_kill(struct str *packet, pid_t pid, int signal_number)
{
	frame_start(packet, WIRE_BROKER_KILL, FRAME_OK, 0, 0);
	frame_add_u32(packet, TAG_BROKER_CHILD, (uint32_t)pid);
	frame_add_u32(packet, TAG_BROKER_SIGNAL, (uint32_t)signal_number);
}

bool
brokerframe_kill(const struct frame *frame, pid_t *pid, int *signal_number)
{
	uint32_t child, number;

	if (frame->kind != WIRE_BROKER_KILL ||
	    !frame_find_u32(frame, TAG_BROKER_CHILD, &child) || child == 0 ||
	    child > INT32_MAX || !frame_find_u32(frame, TAG_BROKER_SIGNAL, &number) ||
	    number == 0 || number > SIGNAL_MAX)
		return false;
	*pid = (pid_t)child;
	*signal_number = (int)number;
	return true;
}

/* --- the environment ----------------------------------------------------------------------------------- */

bool
brokerframe_variable(struct view octets, struct view *name, struct view *value)
{
	struct view before, after;

	if (!view_cut(octets, '=', &before, &after) || before.len == 0 ||
	    view_index(octets, '\0') < octets.len)
		return false;
	*name = before;
	*value = after;
	return true;
}
