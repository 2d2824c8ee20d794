#include "spawn/keptpool.h"

#include <fcntl.h>
#include <unistd.h>

#include "lib/fd.h"
#include "lib/mem.h"
#include "os/os.h"
#include "spawn/keptcore.h"
#include "spawn/kepthandout.h"
#include "spawn/kepthear.h"
#include "spawn/keptleave.h"

struct keptpool *
keptpool_new(const char *program)
{
	struct keptpool *pool;
	int home_fd = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (home_fd < 0)
		return NULL;
	pool = mem_alloc_zeroed(1, sizeof *pool);
	pool->path = program;
	pool->home_fd = home_fd;
	os_random(pool->salt, sizeof pool->salt);
	return pool;
}

/* Read the settings as they are now.  The loop's own directory is queue/mess. */
static bool
read_settings(struct keptpool *pool)
{
	int mess_fd = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool ok = mess_fd >= 0 && fchdir(pool->home_fd) == 0;

	if (ok) {
		ok = keptsettings_read(&pool->settings, NULL) == ANSWER_YES;
		ok = fchdir(mess_fd) == 0 && ok;
	}
	fd_close(&mess_fd);
	return ok;
}

bool
keptpool_take(struct keptpool *pool, const struct spawncommand *command, int message)
{
	struct kept_job *job = &pool->jobs[command->delnum];

	if (!read_settings(pool) || pool->settings.messages < 2 ||
	    !keptprogram_is_ours(&pool->program, pool->path))
		return false;
	*job = (struct kept_job) {
		.used = true,
		.message = message,
		.serial = ++pool->serial,
		.arrived_ms = os_monotonic_ms(),
	};
	str_set(&job->command.messid, str_view(&command->messid));
	str_set(&job->command.sender, str_view(&command->sender));
	str_set(&job->command.recipient, str_view(&command->recipient));
	job->command.delnum = command->delnum;
	keptcore_set_waiting(pool, job, true);
	return true;
}

size_t
keptpool_wait(const struct keptpool *pool, struct pollfd *wait, struct deadline *until)
{
	int64_t due = kept_next_ms(pool->workers, pool->count, &pool->settings);
	size_t i;

	if (due < INT64_MAX)
		*until = deadline_sooner(*until, (struct deadline) { due });
	for (i = 0; i < pool->count; i++)
		wait[i] = (struct pollfd) {
			pool->workers[i].state == KEPT_NONE ? -1 : pool->workers[i].fd,
			POLLIN, 0
		};
	return pool->count;
}

/* What they said until then is heard, and then their end. */
static void
kill_hanging(struct keptpool *pool)
{
	size_t i;

	while ((i = kept_hanging(pool->workers, pool->count, &pool->settings,
		    pool->now_ms)) < pool->count)
		keptcore_kill(&pool->workers[i]);
}

static void
let_expired_go(struct keptpool *pool)
{
	size_t i;

	while ((i = kept_expired(pool->workers, pool->count, &pool->settings,
		    pool->now_ms)) < pool->count)
		keptcore_let_go(&pool->workers[i]);
}

static void
let_surplus_go(struct keptpool *pool)
{
	size_t i;

	while ((i = kept_surplus(pool->workers, pool->count, &pool->settings,
		    pool->now_ms)) < pool->count)
		keptcore_let_go(&pool->workers[i]);
	while (pool->eof &&
	    (i = kept_oldest_parked(pool->workers, pool->count, VIEW(""))) < pool->count)
		keptcore_let_go(&pool->workers[i]);
}

void
keptpool_work(struct keptpool *pool, struct spawnloop *loop, const struct pollfd *came,
    size_t count, bool eof)
{
	size_t i;

	pool->loop = loop;
	pool->now_ms = os_monotonic_ms();
	pool->eof = eof;
	for (i = 0; i < count; i++)
		if (came[i].revents && pool->workers[i].fd == came[i].fd &&
		    pool->workers[i].state != KEPT_NONE)
			kepthear(pool, &pool->workers[i]);
	kill_hanging(pool);
	let_expired_go(pool);
	keptleave_release_held(pool);
	kepthandout_waiting(pool);
	let_surplus_go(pool);
}

void
keptpool_free(struct keptpool *pool)
{
	size_t i;

	for (i = 0; i < pool->count; i++)
		if (pool->workers[i].state != KEPT_NONE)
			keptcore_let_go(&pool->workers[i]);
	kepttraffic_free(&pool->traffic);
	keptcap_free(&pool->cap);
	str_free(&pool->packet);
	fd_close(&pool->home_fd);
	mem_free(pool);
}
