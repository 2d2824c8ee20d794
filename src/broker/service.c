#define _GNU_SOURCE
#include "broker/service.h"

#include <errno.h>
#include <sys/wait.h>

#include "broker/client.h"
#include "lib/fd.h"
#include "lib/mem.h"
#include "wire/brokerframe.h"

enum {
	CLIENTS = 1000,    /* sessions of a resident one, at a time */
	REFUSALS_TOLD = 3, /* of one client, in the log */
};

/* --- answers -------------------------------------------------------------------------------------------------- */

void
client_answer(struct broker_client *c, enum frame_status status)
{
	const struct frame *request = &c->serve.job.request;

	frame_start(&c->serve.job.answer, request->kind, (uint8_t)status, request->id, 0);
	serve_answer(&c->serve);
}

void
client_answer_error(struct broker_client *c, int error)
{
	brokerframe_pack_failed(&c->serve.job.answer, &c->serve.job.request, error);
	serve_answer(&c->serve);
}

void
client_refuse(struct broker_client *c, const char *reason, struct view what)
{
	struct log_line line;

	if (c->refusals++ < REFUSALS_TOLD) {
		log_begin(&line, c->service->log, LOG_WARNING);
		log_add_text(&line, KEY_HELPER, "broker");
		log_add_text(&line, KEY_REASON, reason);
		log_add(&line, KEY_TEXT, what);
		log_end(&line);
	}
	client_answer_error(c, EPERM);
}

/* --- children ------------------------------------------------------------------------------------------------- */

void
client_has_child(struct broker_client *c, pid_t pid, int handle)
{
	struct broker_service *s = c->service;

	if (s->count == s->size) {
		s->size = s->size ? 2 * s->size : 16;
		s->children = mem_resize(s->children, s->size * sizeof *s->children);
	}
	s->children[s->count++] = (struct broker_child) { pid, handle, c };
	c->running++;
}

/* A client that does not listen is not waited for. */
static void
tell_of_end(struct broker_child *child, int status)
{
	struct str packet = { 0 };

	if (child->client)
		child->client->running--;
	if (child->handle < 0)
		return;
	brokerframe_pack_ended(&packet, status);
	frame_send(child->handle, &packet, NULL, 0, deadline_in_ms(0));
	fd_close_passed(&child->handle);
	str_free(&packet);
}

static void
reap(void *context)
{
	struct broker_service *s = context;
	int status;
	size_t i;
	pid_t pid;

	while (s->count > 0 && (pid = waitpid(-1, &status, WNOHANG)) > 0) {
		for (i = 0; i < s->count && s->children[i].pid != pid; i++)
			continue;
		if (i == s->count)
			continue;
		tell_of_end(&s->children[i], status);
		s->children[i] = s->children[--s->count];
	}
}

/* --- clients -------------------------------------------------------------------------------------------------- */

static void
begin(void *context, struct serve_client *client, bool resident)
{
	struct broker_client *c = (struct broker_client *)client;

	(void)resident;
	c->service = context;
	c->log_fd = -1;
	c->open = c->service->commands != NULL;
	if (c->open)
		env_list_copy(&c->environment, &c->service->environment);
}

/* Its children go on: they see that their pipes are closed, as if it had been their parent. */
static void
end(struct serve_client *client)
{
	struct broker_client *c = (struct broker_client *)client;
	struct broker_service *s = c->service;
	size_t i;

	for (i = 0; i < s->count; i++) {
		if (s->children[i].client != c)
			continue;
		s->children[i].client = NULL;
		fd_close_passed(&s->children[i].handle);
	}
	fd_close_passed(&c->log_fd);
	env_list_free(&c->environment);
	brokercommands_free(&c->commands);
	str_free(&c->added);
}

static void
ask(void *context, struct serve_client *client)
{
	struct broker_client *c = (struct broker_client *)client;

	(void)context;
	if (c->serve.job.request.kind == WIRE_BROKER_OPEN)
		agree_open(c);
	else if (!c->open)
		client_answer_error(c, EPERM);
	else if (c->serve.job.request.kind == WIRE_BROKER_ADD)
		requests_add(c);
	else if (c->serve.job.request.kind == WIRE_BROKER_START)
		requests_start(c);
	else
		requests_kill(c);
}

static struct serve_helper
helper_called(const char *name)
{
	return (struct serve_helper) {
		.service = name,
		.kind = WIRE_BROKER_OPEN,
		.last_kind = WIRE_BROKER_KILL,
		.takes_descriptors = true,
		.has_children = true,
		.most_clients = CLIENTS,
		.turns_away = true,
		.client_size = sizeof(struct broker_client),
		.ask = ask,
		.begin = begin,
		.end = end,
		.asked = reap,
	};
}

static void
free_service(struct broker_service *s)
{
	while (s->count > 0)
		fd_close_passed(&s->children[--s->count].handle);
	mem_free(s->children);
	env_list_free(&s->environment);
	control_list_free(&s->variables);
}

void
service_run_forked(int fd, const struct broker_rules *rules, const struct log *log)
{
	struct broker_service s = { .log = log,
		.commands = &rules->commands,
		.any_harmless = rules->any_harmless };
	struct serve_helper helper = helper_called("broker");
	struct problem problem;

	env_list_inherit(&s.environment);
	if (control_list("control/brokervariables", &s.variables, &problem) ==
	    ANSWER_ERROR)
		log_problem(log, &problem);
	serve_loop_one(&helper, &s, fd, log);
	free_service(&s);
}

int
service_run_resident(const char *service, const struct log *log)
{
	struct broker_service s = { .log = log };
	struct serve_helper helper = helper_called(service);
	int result;

	env_list_inherit(&s.environment);
	result = serve_loop_many(&helper, &s, log);
	free_service(&s);
	return result;
}
