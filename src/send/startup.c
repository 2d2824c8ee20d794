#include "send/startup.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/fd.h"
#include "os/os.h"
#include "send/bouncetail.h"
#include "send/messageinfo.h"
#include "send/pending.h"
#include "send/remains.h"
#include "send/schedule.h"
#include "send/sendlog.h"

enum {
	DOUBT = 60,    /* seconds that an old qmail-clean may need to come to its end */
	ENTRIES = 100, /* per turn of the loop */
	TROUBLE_AFTER =
	    10, /* seconds until a directory that could not be read is read again */
};

static const int64_t steps[CHANNELS] = { SCHEDULE_LOCAL_STEP, SCHEDULE_REMOTE_STEP };

/* --- one message ---------------------------------------------------------------------------- */

static enum answer
find(const struct manager *m, enum layout_dir dir, uint64_t id, struct stat *st)
{
	char path[NAME_MAX_OCTETS];

	layout_path(&m->layout, dir, id, path);
	if (fstatat(m->layout.fd, path, st, 0) == 0)
		return ANSWER_YES;
	if (errno == ENOENT)
		return ANSWER_NO;
	manager_warn(m, "unable to stat ", dir, id, "; will try again later");
	return ANSWER_ERROR;
}

/* One whose info/N cannot be read is looked at when its turn comes, which says so. */
static uint32_t
make_record(struct manager *m, uint64_t id)
{
	struct messageinfo info = { .birth = m->now };
	uint32_t index;

	messageinfo_read(&m->layout, id, &info);
	index = messages_add(&m->messages, id, info.birth);
	messages_at(&m->messages, index)->sender =
	    fairqueue_sender(str_view(&info.sender));
	messages_at(&m->messages, index)->held =
	    m->was_held && m->was_held(m->was_held_context, id, info.birth);
	messageinfo_free(&info);
	return index;
}

static int64_t
next_attempt(
    const struct manager *m, uint32_t index, enum channel_kind kind, int64_t in_file)
{
	uint32_t random;

	if (m->scan.all_due)
		return m->now;
	if (!m->scan.unclean || in_file > m->now)
		return in_file;
	os_random(&random, sizeof random);
	return schedule_resume(
	    messages_at(&m->messages, index)->birth, m->now, steps[kind], random);
}

static void
schedule_channel(struct manager *m, uint32_t index, enum channel_kind kind, int64_t at)
{
	struct message *message = messages_at(&m->messages, index);

	message->channels[kind].retried =
	    m->now - (int64_t)message->birth >= steps[kind] * steps[kind];
	pending_wait(m, kind, index, at);
}

static void
schedule(struct manager *m, uint64_t id)
{
	uint32_t index = make_record(m, id);
	bool found = false;
	struct stat st;
	int kind;

	if (bouncetail_mend(&m->layout, &m->settings.routes, id) < 0)
		manager_warn(m, "trouble reading ", LAYOUT_BOUNCE, id, "");
	for (kind = 0; kind < CHANNELS; kind++)
		switch (find(m, manager_channel_dir(kind), id, &st)) {
		case ANSWER_YES:
			schedule_channel(
			    m, index, kind, next_attempt(m, index, kind, st.st_mtime));
			found = true;
			break;
		case ANSWER_NO:
			break;
		case ANSWER_ERROR:
			schedule_channel(m, index, kind, m->now + MANAGER_RETRY);
			found = true;
		}
	if (!found)
		duequeue_add(&m->finished, m->now, id);
}

/* Is it one that came since we started, or is about to? */
static bool
is_known(const struct manager *m, uint64_t id)
{
	return messages_find(&m->messages, id) != MESSAGES_NONE ||
	    cleaner_is_asked(&m->cleaner, id);
}

static void
scan_entry(struct manager *m, uint64_t id)
{
	struct stat st;

	if (is_known(m, id) || remains_found(m, id))
		return;
	if (find(m, LAYOUT_TODO, id, &st) == ANSWER_NO)
		schedule(m, id);
	else
		duequeue_add(&m->doubtful, m->now + DOUBT, id);
}

/* --- all of them ---------------------------------------------------------------------------- */

/* What is in it would not be tried until the next start. */
static void
read_again(struct manager *m, const char *path)
{
	sendlog_say(MANAGER_LOG_FD, "alert: unable to opendir ", path, ", sleeping...");
	m->scan.again = m->now + TROUBLE_AFTER;
}

static void
next_part(struct manager *m)
{
	struct scan *s = &m->scan;

	if (++s->part >= m->layout.split)
		s->running = false;
}

static void
open_part(struct manager *m)
{
	char path[NAME_MAX_OCTETS];
	int fd;

	name_flat(path, "info", m->scan.part);
	fd = openat(m->layout.fd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	m->scan.dir = fd < 0 ? NULL : fdopendir(fd);
	if (m->scan.dir)
		return;
	if (fd < 0 && errno == ENOENT) {
		sendlog_say(MANAGER_LOG_FD, "alert: unable to opendir ", path, "");
		next_part(m);
		return;
	}
	read_again(m, path);
	fd_close(&fd);
}

void
startup_begin(struct manager *m)
{
	m->scan.running = true;
}

bool
startup_is_busy(const struct manager *m)
{
	return m->scan.running && !m->exiting && m->scan.again <= m->now;
}

/* The next entry; NULL at the end of a part, and of the scan. */
static const struct dirent *
next_entry(struct manager *m)
{
	struct scan *s = &m->scan;
	const struct dirent *entry;
	char path[NAME_MAX_OCTETS];

	if (!s->dir)
		open_part(m);
	if (!s->dir)
		return NULL;
	errno = 0;
	entry = readdir(s->dir);
	if (entry)
		return entry;
	name_flat(path, "info", s->part);
	if (errno)
		read_again(m, path);
	else
		next_part(m);
	closedir(s->dir);
	s->dir = NULL;
	return NULL;
}

void
startup_do(struct manager *m)
{
	uint64_t id;
	int i;

	for (i = 0; i < ENTRIES && startup_is_busy(m); i++) {
		const struct dirent *entry = next_entry(m);

		/* Answers that came are read before this, so what is in todo/ still is there. */
		if (entry && name_number(view_of(entry->d_name), &id))
			scan_entry(m, id);
	}
}

static void
recheck(struct manager *m, uint64_t id)
{
	struct stat st;
	enum answer todo = find(m, LAYOUT_TODO, id, &st);
	enum answer info = todo == ANSWER_NO ? find(m, LAYOUT_INFO, id, &st) : ANSWER_NO;

	if (todo == ANSWER_ERROR || info == ANSWER_ERROR)
		duequeue_add(&m->doubtful, m->now + MANAGER_RETRY, id);
	else if (info == ANSWER_YES)
		schedule(m, id);
}

void
startup_recheck(struct manager *m)
{
	const struct due *first;

	while ((first = duequeue_first(&m->doubtful)) && first->at <= m->now) {
		uint64_t id = first->id;

		duequeue_drop_first(&m->doubtful);
		if (!is_known(m, id))
			recheck(m, id);
	}
}

/* --- the end -------------------------------------------------------------------------------- */

/* The time of the lock file is 1970 while we run: nobody else has a use for it, and it needs no file that
 * other suites would not know. */
static void
set_time(int mutex_fd, int64_t at)
{
	const struct timespec times[2] = { { .tv_sec = at }, { .tv_sec = at } };

	if (futimens(mutex_fd, times) == 0)
		fsync(mutex_fd);
}

bool
startup_was_clean(int mutex_fd)
{
	struct stat st;
	bool clean = fstat(mutex_fd, &st) < 0 || st.st_mtime != 0;

	set_time(mutex_fd, 0);
	return clean;
}

static void
save(const struct manager *m, const struct message *message, enum channel_kind kind)
{
	const struct message_channel *place = &message->channels[kind];
	struct timespec at = { .tv_sec = place->at };
	const struct timespec times[2] = { at, at };
	char path[NAME_MAX_OCTETS];

	if (place->place == MESSAGE_NOWHERE)
		return;
	layout_path(&m->layout, manager_channel_dir(kind), message->id, path);
	if (utimensat(m->layout.fd, path, times, 0) < 0)
		manager_warn(m, "unable to utime ", manager_channel_dir(kind),
		    message->id, "; message will be retried too soon");
}

void
startup_save(struct manager *m)
{
	const struct message *message;
	uint32_t cursor = 0;

	while ((message = messages_next(&m->messages, &cursor))) {
		save(m, message, CHANNEL_LOCAL);
		save(m, message, CHANNEL_REMOTE);
	}
	/* What was not looked at yet has the times of before still. */
	if (!m->scan.running || !m->scan.unclean)
		set_time(m->mutex_fd, m->now);
}
