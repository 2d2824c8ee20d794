/* manager - the state of qmail-send, and its one loop (queue 4.5).
 *
 * A message goes preprocess -> attempts -> finish; each has its file.  All of it is in the queue's
 * files at any time (queue 1.3): what is in memory is only when to look at which. */
#ifndef SEND_MANAGER_H
#define SEND_MANAGER_H

#include <dirent.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "lib/str.h"
#include "queue/layout.h"
#include "send/cleaner.h"
#include "send/desk.h"
#include "send/destinations.h"
#include "send/duequeue.h"
#include "send/fairqueue.h"
#include "send/job.h"
#include "send/messages.h"
#include "send/sendsettings.h"
#include "send/spawner.h"

enum {
	MANAGER_LOG_FD = 0,
	MANAGER_RETRY = 123,    /* seconds until the next try after trouble of our own */
	MANAGER_INJECTIONS = 4, /* bounces that are handed to qmail-queue at a time */
	MANAGER_TODO_AFTER =
	    1500, /* seconds between scans of todo/ that nobody asked for */
	MANAGER_SWEEP_AFTER = 76431, /* seconds between sweeps of mess/ */
	MANAGER_OSSIFIED = 129600,   /* seconds after which debris is debris; queue 1.7 */
};

/* Mail that is tried for the first time, and mail that was tried before: each has a share of the slots. */
enum { CLASS_FRESH, CLASS_RETRIED, CLASSES };

struct delivery {
	struct job *job; /* NULL: the slot is free */
	struct job_recipient *recipient;
	uint64_t number; /* for the log */
	unsigned *group; /* how many still run of those that go over one connection */
};

/* What is due of a class: by senders, which have their turns. */
struct turns {
	struct fairqueue ready; /* messages ... */
	struct flow {
		struct job *jobs; /* ... and those that are being delivered; a ring */
		bool last_was_job;
	} flows[FAIRQUEUE_FLOWS];
	unsigned turn;    /* the flow that is next */
	unsigned running; /* deliveries */
};

struct channel {
	struct spawner spawner;
	struct duequeue due; /* messages that wait for their time, by their index */
	struct turns classes[CLASSES];
	struct destinations destinations;
	struct delivery *deliveries; /* spawner.slots of them; the index is delnum */
	unsigned limit, running;
	unsigned jobs; /* in memory */
	unsigned
	    fresh_in_a_row; /* deliveries that were started while retried mail was due */
	unsigned budget;    /* files to be read in this turn of the loop */
	bool called_last;   /* the last delivery was of what was parked */
	uint64_t changes;   /* counts what may let a blocked job go on */
};

/* A bounce that a child of ours hands to qmail-queue. */
struct injection {
	pid_t pid; /* 0: free */
	int result_fd;
	uint64_t id;
};

/* The scan of info/ for what was there before we started. */
struct scan {
	DIR *dir;
	uint64_t part;
	bool running;
	int64_t again; /* there was trouble: not before */
	bool
	    unclean; /* the last qmail-send did not come to its end: times in files are older */
	bool all_due; /* ALRM came meanwhile: what is found now is due, too */
};

struct preprocess {
	DIR *dir;       /* of the scan in progress; NULL: none */
	uint64_t part;  /* of a big-todo queue */
	size_t batch;   /* messages that are taken at a time */
	int trigger_fd; /* lock/trigger; -1: none */
	int64_t next;   /* when to scan at the latest */
	bool pulled;
};

struct sweep {
	DIR *dir;
	size_t dir_index; /* which of those that are swept */
	uint64_t part;
	bool running;
	int64_t next;
	int64_t
	    not_before; /* the clock stepped: nothing is judged by its age until then */
	int64_t clock_offset; /* wall clock minus time since boot, when last looked at */
};

struct manager {
	struct sendsettings settings;
	struct layout layout;
	int mutex_fd, signal_fd;
	int64_t now;          /* seconds since 1970; read once per turn */
	int64_t clock_offset; /* `now` minus the time since boot */
	int64_t looked;       /* when control/smtproutes was looked at */
	bool exiting;
	uint64_t delivery_number;
	struct messages messages;
	struct channel channels[CHANNELS];
	struct cleaner cleaner;
	struct duequeue finished; /* messages without recipients left */
	struct duequeue bounces;  /* of those, whose bounce waits for a free child */
	struct duequeue doubtful; /* were in todo/ when we started: see startup.h */
	struct injection injections[MANAGER_INJECTIONS];
	struct preprocess preprocess;
	struct scan scan;
	struct sweep sweep;
	/* Was message `id` of that birth held when we last ran?  NULL: none was. */
	bool (*was_held)(void *context, uint64_t id, int64_t birth);
	void *was_held_context;
	struct desk desk; /* who asks about the queue, and what is held */
};

/* Serve until TERM, or until a helper is lost; then save the schedule. */
void manager_run(struct manager *m);

/* Release what it holds; {0} with descriptors of -1 is allowed. */
void manager_free(struct manager *m);

/* The directory of a channel's files. */
enum layout_dir manager_channel_dir(enum channel_kind kind);

/* Log "warning: BEFORE PATH AFTER" about a file of message `id`. */
void manager_warn(const struct manager *m, const char *before, enum layout_dir dir,
    uint64_t id, const char *after);

/* The channel's concurrency, as the settings have it now and the spawner allows. */
void manager_set_limit(struct manager *m, enum channel_kind kind);

/* Log the status line. */
void manager_log_status(const struct manager *m);

/* A helper is gone: say so and come to an end. */
void manager_lost_spawner(struct manager *m, enum channel_kind kind);
void manager_lost_cleaner(struct manager *m);

/* Ask qmail-clean; there must be room. */
void manager_clean(struct manager *m, const struct clean_request *request);

#endif
