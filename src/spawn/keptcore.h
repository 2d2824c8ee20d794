/* keptcore - what the parts of keptpool share: the deliveries that were taken, the workers, and how both
 * end. */
#ifndef SPAWN_KEPTCORE_H
#define SPAWN_KEPTCORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/str.h"
#include "lib/view.h"
#include "spawn/keptcap.h"
#include "spawn/keptpool.h"
#include "spawn/keptprogram.h"
#include "spawn/keptsettings.h"
#include "spawn/kepttraffic.h"
#include "spawn/keptworker.h"

/* A command that was taken, by its delivery number. */
struct kept_job {
	bool used;
	bool waiting;      /* no worker has it */
	bool alone;        /* not to be joined with others */
	unsigned refusals; /* by connected workers that did not fit */
	uint64_t serial;
	int64_t arrived_ms;
	struct spawncommand command;
	int message; /* -1 once only a worker needs it */
};

struct keptpool {
	const char *path;
	int home_fd;
	struct keptprogram program;
	struct keptsettings settings;
	char salt[KEPT_SALT];
	struct kepttraffic traffic;
	struct keptcap cap;
	struct kept_job jobs[SPAWNCOMMAND_SLOTS_WIDE];
	size_t waiting;
	uint64_t serial;
	uint64_t put_off; /* deliveries, since line_ms */
	int64_t line_ms;
	struct kept_worker workers[KEPTPOOL_WORKERS];
	size_t count; /* of places that were ever used */
	struct str packet;
	struct spawnloop *loop; /* while keptpool_work() runs, as the next two */
	int64_t now_ms;
	bool eof;
};

/* The part of the recipient that qmail-remote is given as its host. */
struct view keptcore_host(const struct kept_job *job);
/* May they go together: message, sender and host are the same. */
bool keptcore_same_message(const struct kept_job *a, const struct kept_job *b);

void keptcore_set_waiting(struct keptpool *pool, struct kept_job *job, bool waiting);
/* The end of a job: a report, or a child of its own that will have one. */
void keptcore_report(struct keptpool *pool, unsigned delnum, struct view text);
void keptcore_deliver_by_child(struct keptpool *pool, struct kept_job *job);

/* A worker's jobs that were not reported: they wait again, as nothing was done for them; or this is
 * the report of all. */
void keptcore_take_back(struct keptpool *pool, struct kept_worker *w);
void keptcore_report_all(struct keptpool *pool, struct kept_worker *w, struct view text);

/* The worker has begun: from here on it ends with a report, but for recipients that are too many for the
 * server. */
void keptcore_begin(struct keptpool *pool, struct kept_worker *w);

/* It hangs, or what it says is nonsense: whatever it does, it does no more. */
void keptcore_kill(struct kept_worker *w);

/* Close the worker's descriptor: it sends QUIT, if there is anybody to send it to, and ends. */
void keptcore_let_go(struct kept_worker *w);
/* It died, or speaks another language: its jobs go on as its state allows. */
void keptcore_lose(struct keptpool *pool, struct kept_worker *w);

#endif
