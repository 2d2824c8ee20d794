#include <errno.h>
#include <signal.h>
#include <unistd.h>

#include "broker/client.h"
#include "broker/environment.h"
#include "lib/arena.h"
#include "lib/spawn.h"
#include "wire/broker.h"
#include "wire/brokerframe.h"

enum { HANDLE = 0 }; /* among the descriptors of a START */

static const struct broker_commands *
commands_of(const struct broker_client *c)
{
	return c->service->commands ? c->service->commands : &c->commands;
}

/* --- what is not done ------------------------------------------------------------------------------------- */

/* NULL, or why a change is not made; then *what is it. */
static const char *
fault_of_changes(const struct broker_client *c, struct view *what)
{
	struct environment_rules rules = { &c->service->variables,
		c->service->any_harmless, commands_of(c) };
	struct view rest = c->serve.job.request.fields, octets;
	uint16_t tag;

	while (frame_next(&rest, &tag, &octets)) {
		const char *reason = NULL;

		if (tag == TAG_BROKER_SET || tag == TAG_BROKER_UNSET)
			reason = environment_refuses(&rules, tag, octets);
		if (!reason)
			continue;
		*what = view_first(octets, view_index(octets, '='));
		return reason;
	}
	return NULL;
}

static const char *
fault_of_start(
    const struct broker_client *c, const struct broker_start *start, struct view *what)
{
	if (!brokercommands_have(commands_of(c), start->command)) {
		*what = view_from(start->command, 1);
		return "not a program of the broker's list";
	}
	return fault_of_changes(c, what);
}

/* --- START ------------------------------------------------------------------------------------------------ */

static int
descriptor(const struct broker_client *c, uint8_t from)
{
	switch (from) {
	case BROKER_LOG:
		return c->log_fd >= 0 ? c->log_fd : STDERR_FILENO;
	case BROKER_NULL:
		return SPAWN_NULL;
	case BROKER_CLOSED:
		return SPAWN_CLOSED;
	default:
		return c->serve.job.request.fds[from];
	}
}

static void
give_descriptors(
    const struct broker_client *c, const struct broker_start *start, struct spawn *child)
{
	size_t i;

	if (c->log_fd >= 0)
		spawn_give(child, STDERR_FILENO, c->log_fd);
	for (i = 0; i < start->fd_count; i++)
		spawn_give(child, start->fds[i].to, descriptor(c, start->fds[i].from));
}

/* The pid, or -1 with errno. */
static pid_t
start_child(struct broker_client *c, const struct broker_start *start)
{
	struct arena mem = { 0 };
	struct str command = { 0 };
	char *argv[BROKER_WORDS_MAX + 1];
	struct spawn child = { .argv = argv,
		.keep_sigpipe_ignored = start->keep_sigpipe_ignored };
	pid_t pid = -1;
	int error = E2BIG;

	str_append(&c->added, c->serve.job.request.fields);
	str_set(&command, start->command);
	child.env = environment_of_child(&mem, &c->environment, str_view(&c->added));
	if (child.env && brokercommands_unpack(&command, argv, &child.search)) {
		child.path = argv[0];
		give_descriptors(c, start, &child);
		pid = spawn_start(&child);
		error = errno;
	}
	str_free(&command);
	arena_free(&mem);
	errno = error;
	return pid;
}

static void
start_and_answer(struct broker_client *c, const struct broker_start *start)
{
	struct frame *request = &c->serve.job.request;
	pid_t pid;

	errno = EAGAIN;
	pid = c->running < BROKER_CHILDREN ? start_child(c, start) : -1;
	if (pid < 0) {
		client_answer_error(c, errno);
		return;
	}
	client_has_child(c, pid, request->fds[HANDLE]);
	request->fds[HANDLE] = -1;
	brokerframe_pack_started(&c->serve.job.answer, request, pid);
	serve_answer(&c->serve);
}

void
requests_start(struct broker_client *c)
{
	struct broker_start start;
	struct view what = VIEW("");
	const char *fault;

	if (!brokerframe_start(&c->serve.job.request, &start))
		client_answer(c, FRAME_MALFORMED);
	else if ((fault = fault_of_start(c, &start, &what)))
		client_refuse(c, fault, what);
	else
		start_and_answer(c, &start);
	str_free(&c->added);
}

/* --- the others ------------------------------------------------------------------------------------------- */

void
requests_add(struct broker_client *c)
{
	struct view fields = c->serve.job.request.fields, what = VIEW("");
	const char *fault = fault_of_changes(c, &what);

	if (fault) {
		client_refuse(c, fault, what);
	} else if (c->added.len + fields.len > BROKER_CHANGES_MAX) {
		client_answer_error(c, E2BIG);
	} else {
		str_append(&c->added, fields);
		client_answer(c, FRAME_OK);
	}
}

/* A child that has ended, and may have given its pid to another, is no longer on the list. */
static bool
is_child(const struct broker_client *c, pid_t pid)
{
	const struct broker_service *s = c->service;
	size_t i;

	for (i = 0; i < s->count; i++)
		if (s->children[i].pid == pid && s->children[i].client == c)
			return true;
	return false;
}

void
requests_kill(struct broker_client *c)
{
	int signal_number;
	pid_t pid;

	if (!brokerframe_kill(&c->serve.job.request, &pid, &signal_number))
		client_answer(c, FRAME_MALFORMED);
	else if (!is_child(c, pid))
		client_answer_error(c, ESRCH);
	else if (kill(pid, signal_number) < 0)
		client_answer_error(c, errno);
	else
		client_answer(c, FRAME_OK);
}
