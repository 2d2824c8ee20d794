#include "send/preprocess.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "lib/fd.h"
#include "os/os.h"
#include "send/pending.h"
#include "send/prepared.h"
#include "send/sendlog.h"

enum {
	BATCH = 32, /* messages; each holds up to three descriptors until it is synced */
	BATCH_MIN = 4,
	BATCH_MS = 50, /* that a batch may take, as deliveries wait meanwhile */
	TROUBLE_AFTER =
	    10, /* seconds until the next look at a todo/ that cannot be read, or taken */
};

/* --- when to scan --------------------------------------------------------------------------- */

/* Closed and opened again before each scan: so a pull while we scan is not lost (queue 1.6). */
static void
open_trigger(struct manager *m)
{
	fd_close(&m->preprocess.trigger_fd);
	m->preprocess.trigger_fd =
	    openat(m->layout.fd, "lock/trigger", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
}

void
preprocess_start(struct manager *m)
{
	m->preprocess.trigger_fd = -1;
	m->preprocess.next = m->now;
	m->preprocess.batch = BATCH;
	open_trigger(m);
}

bool
preprocess_is_busy(const struct manager *m)
{
	const struct preprocess *p = &m->preprocess;

	if (m->exiting || cleaner_room(&m->cleaner, CLEAN_TODO) < BATCH)
		return false;
	if (p->dir)
		return true;
	/* Not while todo/N that we preprocessed may still be there: it would be taken again. */
	return m->cleaner.todo_count == 0 && (p->pulled || p->next <= m->now);
}

static DIR *
open_part(const struct manager *m, uint64_t part)
{
	char path[NAME_MAX_OCTETS] = "todo";
	DIR *dir = NULL;
	int fd;

	if (m->layout.big_todo)
		name_flat(path, "todo", part);
	fd = openat(m->layout.fd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd >= 0 && !(dir = fdopendir(fd)))
		fd_close(&fd);
	return dir;
}

static void
begin_part(struct manager *m, uint64_t part)
{
	struct preprocess *p = &m->preprocess;

	p->part = part;
	p->dir = open_part(m, part);
	if (p->dir)
		return;
	sendlog_say(MANAGER_LOG_FD, "alert: ", "unable to opendir todo, sleeping...", "");
	p->next = m->now + TROUBLE_AFTER;
}

static void
begin_scan(struct manager *m)
{
	open_trigger(m);
	m->preprocess.pulled = false;
	m->preprocess.next = m->now + MANAGER_TODO_AFTER;
	/* Nobody can call us: new mail must not wait for that long. */
	if (m->preprocess.trigger_fd < 0)
		m->preprocess.next = m->now + TROUBLE_AFTER;
	begin_part(m, 0);
}

/* The number of the next file, or false at the end of the scan. */
static bool
next_id(struct manager *m, uint64_t *id)
{
	struct preprocess *p = &m->preprocess;

	while (p->dir) {
		const struct dirent *entry = readdir(p->dir);

		if (entry && name_number(view_of(entry->d_name), id))
			return true;
		if (entry)
			continue;
		closedir(p->dir);
		p->dir = NULL;
		if (m->layout.big_todo && p->part + 1 < m->layout.split)
			begin_part(m, p->part + 1);
	}
	return false;
}

/* --- a batch -------------------------------------------------------------------------------- */

/* The directories whose names must be on disk; each once. */
struct holders {
	struct holder {
		enum layout_dir dir;
		uint64_t part, id;
	} list[BATCH * PREPARED_FILES];
	size_t count;
};

static void
add_holder(struct holders *h, enum layout_dir dir, uint64_t part, uint64_t id)
{
	size_t i;

	for (i = 0; i < h->count; i++)
		if (h->list[i].dir == dir && h->list[i].part == part)
			return;
	h->list[h->count++] = (struct holder) { dir, part, id };
}

static int
sync_holders(struct manager *m, const struct holders *h)
{
	size_t i;

	for (i = 0; i < h->count; i++) {
		int fd = layout_open_holder(&m->layout, h->list[i].dir, h->list[i].id);
		int result = fd < 0 ? -1 : fsync(fd);

		fd_close(&fd);
		if (result < 0) {
			manager_warn(m, "trouble fsyncing the directory of ",
			    h->list[i].dir, h->list[i].id, "; will try again later");
			return -1;
		}
	}
	return 0;
}

/* Sync the files of all, then their names.  Those that failed are freed and left out; the number of
 * the others is returned. */
static size_t
sync_batch(struct manager *m, struct prepared *batch, size_t count)
{
	struct holders holders = { .count = 0 };
	size_t i, kept = 0;
	int k;

	for (i = 0; i < count; i++)
		prepared_start_sync(&batch[i]);
	for (i = 0; i < count; i++) {
		if (prepared_sync(m, &batch[i]) < 0) {
			prepared_free(&batch[i]);
			continue;
		}
		for (k = 0; k < PREPARED_FILES; k++)
			if (batch[i].fds[k] >= 0)
				add_holder(&holders, prepared_dir(k),
				    batch[i].id % m->layout.split, batch[i].id);
		batch[kept++] = batch[i];
	}
	if (sync_holders(m, &holders) == 0)
		return kept;
	for (i = 0; i < kept; i++)
		prepared_free(&batch[i]);
	return 0;
}

static void
commit(struct manager *m, struct prepared *p)
{
	struct clean_request request = { .kind = CLEAN_TODO,
		.id = p->id,
		.sender = fairqueue_sender(str_view(&p->todo.sender)) };
	int kind;

	for (kind = 0; kind < CHANNELS; kind++)
		request.has[kind] = p->fds[1 + kind] >= 0;
	prepared_log(p);
	if (m->cleaner.alive)
		manager_clean(m, &request);
	prepared_free(p);
}

/* A disk that is slow gets less at a time. */
static void
adapt_batch(struct preprocess *p, int64_t took_ms)
{
	if (took_ms > BATCH_MS && p->batch > BATCH_MIN)
		p->batch /= 2;
	else if (took_ms < BATCH_MS / 2 && p->batch < BATCH)
		p->batch *= 2;
}

/* Does a delivery run of an earlier message of that number, which somebody else removed?  Its marks would be
 * in the files of this one. */
static bool
is_too_soon(struct manager *m, uint64_t id)
{
	if (!pending_is_active(m, id))
		return false;
	m->preprocess.next = m->now + TROUBLE_AFTER;
	return true;
}

static void
take_batch(struct manager *m)
{
	struct prepared batch[BATCH];
	size_t count = 0, i;
	uint64_t id;

	while (count < m->preprocess.batch && next_id(m, &id))
		if (!is_too_soon(m, id) &&
		    prepared_make(m, id, &batch[count]) == PREPARED_OK)
			count++;
	count = sync_batch(m, batch, count);
	for (i = 0; i < count; i++)
		commit(m, &batch[i]);
}

void
preprocess_do(struct manager *m)
{
	int64_t begun = os_monotonic_ms();

	if (!preprocess_is_busy(m))
		return;
	if (!m->preprocess.dir)
		begin_scan(m);
	take_batch(m);
	adapt_batch(&m->preprocess, os_monotonic_ms() - begun);
}

/* Its record; a message whose files somebody else removed has left one, if its number is used again. */
static uint32_t
make_record(struct manager *m, const struct clean_request *request)
{
	uint32_t index = messages_find(&m->messages, request->id);
	struct message *message;
	int kind;

	if (index == MESSAGES_NONE)
		index = messages_add(&m->messages, request->id, m->now);
	for (kind = 0; kind < CHANNELS; kind++)
		pending_take_out(m, kind, index);
	message = messages_at(&m->messages, index);
	message->sender = request->sender;
	message->held = message->ending = message->dropped = message->passed_over = false;
	return index;
}

void
preprocess_cleaned(struct manager *m, const struct clean_request *request, bool done)
{
	uint32_t index;
	int kind;

	/* Otherwise todo/N is still there: the next scan makes the files anew. */
	if (!done)
		return;
	index = make_record(m, request);
	for (kind = 0; kind < CHANNELS; kind++)
		if (request->has[kind] &&
		    messages_at(&m->messages, index)->channels[kind].place !=
			MESSAGE_ACTIVE)
			pending_arrived(m, kind, index);
	if (!request->has[CHANNEL_LOCAL] && !request->has[CHANNEL_REMOTE])
		duequeue_add(&m->finished, m->now, request->id);
}
