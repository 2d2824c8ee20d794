/* client - a client of the broker, and the children it has: what service.c, requests.c and agree.c
 * share. */
#ifndef BROKER_CLIENT_H
#define BROKER_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "config/control.h"
#include "lib/env.h"
#include "lib/log.h"
#include "lib/str.h"
#include "wire/brokercommands.h"
#include "wire/serveloop.h"

/* One that was started and has not ended. */
struct broker_child {
	pid_t pid;
	int handle;                   /* -1: nobody wants to know */
	struct broker_client *client; /* NULL: it has gone */
};

struct broker_service {
	const struct log *log;
	const struct broker_commands *commands; /* of the one client; NULL: resident */
	struct env_list environment;            /* ours */
	struct control_list variables;          /* control/brokervariables */
	bool any_harmless;                      /* variables: environment.h */
	struct broker_child *children;
	size_t count, size;
};

/* It starts with what the loop keeps of it. */
struct broker_client {
	struct serve_client serve;
	struct broker_service *service;
	bool open;  /* what it may start is known */
	int log_fd; /* descriptor 2 of its children; -1: ours */
	struct env_list environment;
	struct broker_commands commands; /* of a resident broker's client */
	struct str added;                /* changes for the next START: fields */
	size_t running, refusals;
};

/* Answer the request. */
void client_answer(struct broker_client *c, enum frame_status status);
void client_answer_error(struct broker_client *c, int error); /* "no" */
/* The same with EPERM, and the log hears of the first few. */
void client_refuse(struct broker_client *c, const char *reason, struct view what);

/* `pid` is its child now; the handle goes over. */
void client_has_child(struct broker_client *c, pid_t pid, int handle);

/* Each answers one request. */
void requests_add(struct broker_client *c);
void requests_start(struct broker_client *c);
void requests_kill(struct broker_client *c);

/* OPEN: what a resident broker agrees to start for it. */
void agree_open(struct broker_client *c);

#endif
