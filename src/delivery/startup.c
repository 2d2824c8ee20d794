#include "delivery/startup.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "delivery/attempts.h"
#include "delivery/remains.h"
#include "delivery/sendlog.h"
#include "lib/fd.h"

enum { DOUBT = 60 }; /* seconds that an old qmail-clean may need to come to its end */

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

static void
schedule(struct manager *m, uint64_t id)
{
	bool found = false;
	struct stat st;
	int kind;

	for (kind = 0; kind < CHANNELS; kind++)
		switch (find(m, manager_channel_dir(kind), id, &st)) {
		case ANSWER_YES:
			duequeue_add(&m->channels[kind].due, st.st_mtime, id);
			found = true;
			break;
		case ANSWER_NO:
			break;
		case ANSWER_ERROR:
			duequeue_add(&m->channels[kind].due, m->now + MANAGER_RETRY, id);
			found = true;
		}
	if (!found)
		duequeue_add(&m->finished, m->now, id);
}

static void
scan_entry(struct manager *m, uint64_t id)
{
	struct stat st;

	if (remains_found(m, id))
		return;
	if (find(m, LAYOUT_TODO, id, &st) == ANSWER_NO)
		schedule(m, id);
	else
		duequeue_add(&m->doubtful, m->now + DOUBT, id);
}

static void
scan_part(struct manager *m, uint64_t part)
{
	const struct dirent *entry;
	char path[NAME_MAX_OCTETS];
	uint64_t id;
	DIR *dir;
	int fd;

	name_flat(path, "info", part);
	fd = openat(m->layout.fd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	dir = fd < 0 ? NULL : fdopendir(fd);
	if (!dir) {
		sendlog_say(MANAGER_LOG_FD, "alert: unable to opendir ", path, "");
		fd_close(&fd);
		return;
	}
	while ((entry = readdir(dir)))
		if (name_number(view_of(entry->d_name), &id))
			scan_entry(m, id);
	closedir(dir);
}

void
startup_scan(struct manager *m)
{
	uint64_t part;

	for (part = 0; part < m->layout.split; part++)
		scan_part(m, part);
}

static bool
is_known(const struct manager *m, uint64_t id)
{
	return attempts_know(&m->channels[CHANNEL_LOCAL], id) ||
	    attempts_know(&m->channels[CHANNEL_REMOTE], id) ||
	    duequeue_has(&m->finished, id) || cleaner_is_asked(&m->cleaner, id);
}

void
startup_recheck(struct manager *m)
{
	const struct due *first;
	struct stat st;

	while ((first = duequeue_first(&m->doubtful)) && first->at <= m->now) {
		uint64_t id = first->id;

		duequeue_drop_first(&m->doubtful);
		if (!is_known(m, id) && find(m, LAYOUT_TODO, id, &st) == ANSWER_NO &&
		    find(m, LAYOUT_INFO, id, &st) == ANSWER_YES)
			schedule(m, id);
	}
}

void
startup_save(struct manager *m)
{
	const struct due *first;
	int kind;

	for (kind = 0; kind < CHANNELS; kind++) {
		struct channel *c = &m->channels[kind];
		enum layout_dir dir = manager_channel_dir(kind);

		for (; (first = duequeue_first(&c->due)); duequeue_drop_first(&c->due)) {
			struct timespec at = { .tv_sec = first->at };
			const struct timespec times[2] = { at, at };
			char path[NAME_MAX_OCTETS];

			layout_path(&m->layout, dir, first->id, path);
			if (utimensat(m->layout.fd, path, times, 0) < 0)
				manager_warn(m, "unable to utime ", dir, first->id,
				    "; message will be retried too soon");
		}
	}
}
