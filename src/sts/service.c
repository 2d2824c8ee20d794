#include "sts/service.h"

#include <errno.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "lib/mem.h"
#include "os/os.h"
#include "sts/keep.h"
#include "sts/line.h"
#include "sts/worker.h"
#include "wire/serveloop.h"

enum {
	WORKERS = 8,        /* at a time */
	SWEEP_EVERY = 3600, /* seconds between walks through the cache */
	SWEEP_FULL = 300,   /* likewise, when it is full */
	PAUSE = 60,         /* seconds without work when nothing can be written */
};

struct worker {
	pid_t pid; /* 0: none */
	struct str domain;
};

struct service {
	const struct service_setting *setting;
	struct line line;
	struct worker workers[WORKERS];
	uint64_t kept;       /* files in the cache, about */
	uint64_t next_sweep; /* seconds since 1970 */
	uint64_t next_full, paused_until;
};

struct client {
	struct serve_client base;
	bool may_ask;
};

static uint64_t
clock_now(void)
{
	time_t now = time(NULL);

	return now > 0 ? (uint64_t)now : 0;
}

static bool
is_worked_on(const struct service *s, struct view domain)
{
	size_t i;

	for (i = 0; i < WORKERS; i++)
		if (s->workers[i].pid &&
		    view_equal_nocase(str_view(&s->workers[i].domain), domain))
			return true;
	return false;
}

/* --- the cache ---------------------------------------------------------------------------------- */

static void
enqueue_due(void *context, struct view domain)
{
	struct service *s = context;

	if (!is_worked_on(s, domain))
		line_add(&s->line, domain, false);
}

static void
sweep(struct service *s, uint64_t now, bool full)
{
	struct keep_sweep sweep = {
		.now = now, .full = full, .due = full ? NULL : enqueue_due, .context = s
	};

	size_t i;

	s->next_sweep = now + SWEEP_EVERY;
	if (keep_sweep(&sweep) < 0)
		log_warning(s->setting->log, "no cache of policies", VIEW(STS_CACHE));
	s->kept = sweep.kept;
	for (i = 0; i < WORKERS; i++) /* their files are to come */
		s->kept += s->workers[i].pid != 0;
}

/* Is there room for one more domain?  A look at one that is there needs none. */
static bool
has_room(struct service *s, bool is_kept, struct view domain, uint64_t now)
{
	if (is_kept || s->kept < s->setting->domains)
		return true;
	if (s->next_full <= now) {
		s->next_full = now + SWEEP_FULL;
		sweep(s, now, true);
	}
	if (s->kept < s->setting->domains)
		return true;
	log_warning(s->setting->log, "the cache of policies is full", domain);
	return false;
}

/* What a note says may be old news. */
static bool
is_wanted(struct service *s, const struct line_entry *entry, uint64_t now)
{
	struct str room = { 0 };
	struct sts_kept kept;
	struct view domain = str_view(&entry->domain);
	bool off, is_kept = sts_read(domain, &room, &kept, &off) == ANSWER_YES;
	bool wanted =
	    !off && !(is_kept && kept.next > now) && has_room(s, is_kept, domain, now);

	if (wanted && !is_kept)
		s->kept++;
	str_free(&room);
	return wanted;
}

/* --- workers ------------------------------------------------------------------------------------ */

static struct worker *
free_worker(struct service *s)
{
	size_t i;

	for (i = 0; i < WORKERS; i++)
		if (!s->workers[i].pid)
			return &s->workers[i];
	return NULL;
}

static void
start(struct service *s, struct worker *w, const struct line_entry *entry, uint64_t now)
{
	pid_t pid = fork();

	if (pid == 0)
		worker_run(s->setting, str_view(&entry->domain), entry->used);
	if (pid < 0) {
		serve_tell(s->setting->log, "sts", "cannot fork", errno);
		s->paused_until = now + PAUSE;
		return;
	}
	w->pid = pid;
	str_set(&w->domain, str_view(&entry->domain));
}

static void
start_workers(struct service *s, uint64_t now)
{
	struct line_entry entry = { 0 };
	struct worker *w;

	while (
	    s->paused_until <= now && (w = free_worker(s)) && line_take(&s->line, &entry))
		if (is_wanted(s, &entry, now))
			start(s, w, &entry, now);
	str_free(&entry.domain);
}

/* One that died has left no word of its failure; without it, the next mail would start another. */
static void
see_end(struct service *s, struct worker *w, int status, uint64_t now)
{
	if (status != 0 && worker_note_death(s->setting, str_view(&w->domain)) < 0) {
		log_warning(
		    s->setting->log, "a policy cannot be kept", str_view(&w->domain));
		s->paused_until = now + PAUSE;
	}
	w->pid = 0;
}

static void
reap(struct service *s, uint64_t now)
{
	int status;
	size_t i;

	for (i = 0; i < WORKERS; i++)
		if (s->workers[i].pid && waitpid(s->workers[i].pid, &status, WNOHANG) > 0)
			see_end(s, &s->workers[i], status, now);
}

static void
end_workers(struct service *s)
{
	size_t i;

	for (i = 0; i < WORKERS; i++) {
		if (s->workers[i].pid) {
			kill(s->workers[i].pid, SIGKILL);
			waitpid(s->workers[i].pid, NULL, 0);
		}
		str_free(&s->workers[i].domain);
	}
}

/* --- the loop's calls --------------------------------------------------------------------------- */

static void
begin(void *context, struct serve_client *client, bool resident)
{
	const struct service *s = context;
	const struct helperusers *users = &s->setting->users;

	((struct client *)client)->may_ask =
	    serve_may_ask(client->fd, resident, users->uids, users->count);
}

static void
ask(void *context, struct serve_client *client)
{
	struct service *s = context;
	const struct frame *request = &client->job.request;
	enum frame_status status = FRAME_NO;
	struct view domain;

	if (((struct client *)client)->may_ask) {
		status = FRAME_MALFORMED;
		if (sts_parse_note(request, &domain)) {
			status = FRAME_OK;
			if (!is_worked_on(s, domain))
				line_add(&s->line, domain, true);
		}
	}
	frame_start(&client->job.answer, request->kind, (uint8_t)status, request->id, 0);
	serve_answer(client);
}

static void
work(void *context)
{
	struct service *s = context;
	uint64_t now = clock_now();

	reap(s, now);
	if (s->next_sweep <= now)
		sweep(s, now, false);
	start_workers(s, now);
}

/* Until something is to be done that nobody asks for. */
static void
bound_wait(void *context, struct deadline *until)
{
	const struct service *s = context;
	uint64_t now = clock_now(), next = s->next_sweep;

	if (s->paused_until > now && line_length(&s->line) > 0 && s->paused_until < next)
		next = s->paused_until;
	*until =
	    deadline_sooner(*until, deadline_in(next > now ? (int64_t)(next - now) : 0));
}

static const struct serve_helper helper = { .service = "sts",
	.kind = WIRE_STS_NOTE,
	.client_size = sizeof(struct client),
	.ask = ask,
	.begin = begin,
	.asked = work,
	.bound = bound_wait };

int
service_run(const struct service_setting *setting)
{
	struct service *s = mem_alloc_zeroed(1, sizeof *s);
	int result, error;

	s->setting = setting;
	result = serve_loop_many(&helper, s, setting->log);
	error = errno;
	end_workers(s);
	line_free(&s->line);
	mem_free(s);
	errno = error;
	return result;
}
