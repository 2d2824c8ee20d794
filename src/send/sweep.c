#include "send/sweep.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/fd.h"
#include "queue/alive.h"

enum {
	ENTRIES = 64,      /* per turn of the loop */
	CLOCK_STEP = 3600, /* seconds; more than this is no drift */
};

void
sweep_start(struct manager *m, int64_t boottime)
{
	m->sweep.next = m->now;
	m->sweep.clock_offset = m->now - boottime;
}

/* After the clock was set forward a file of a living qmail-queue looks old (queue 1.7). */
static void
watch_clock(struct manager *m, int64_t boottime)
{
	int64_t offset = m->now - boottime, step = offset - m->sweep.clock_offset;

	if (step > CLOCK_STEP || step < -CLOCK_STEP)
		m->sweep.not_before = m->now + MANAGER_OSSIFIED;
	m->sweep.clock_offset = offset;
}

bool
sweep_is_busy(const struct manager *m)
{
	const struct sweep *s = &m->sweep;

	if (m->exiting || cleaner_room(&m->cleaner, CLEAN_FOOP) == 0)
		return false;
	return s->running || (s->next <= m->now && s->not_before <= m->now);
}

/* Where a file may be left alone: mess/N without the others, these without mess/N. */
static const enum layout_dir dirs[] = { LAYOUT_MESS, LAYOUT_LOCAL, LAYOUT_REMOTE,
	LAYOUT_BOUNCE };

static bool
is_over(const struct sweep *s)
{
	return s->dir_index >= sizeof dirs / sizeof *dirs;
}

static void
open_part(struct manager *m)
{
	enum layout_dir dir = dirs[m->sweep.dir_index];
	int fd = layout_open_holder(&m->layout, dir, m->sweep.part);

	if (fd >= 0 && !(m->sweep.dir = fdopendir(fd)))
		fd_close(&fd);
}

static void
next_part(struct manager *m)
{
	struct sweep *s = &m->sweep;

	if (s->dir)
		closedir(s->dir);
	s->dir = NULL;
	/* bounce/ is one directory. */
	if (++s->part < m->layout.split && dirs[s->dir_index] != LAYOUT_BOUNCE)
		return;
	s->part = 0;
	s->dir_index++;
}

/* The next file; false when the sweep is over. */
static bool
next_id(struct manager *m, uint64_t *id)
{
	struct sweep *s = &m->sweep;

	for (; !is_over(s); next_part(m)) {
		const struct dirent *entry;

		if (!s->dir)
			open_part(m);
		while (s->dir && (entry = readdir(s->dir)))
			if (name_number(view_of(entry->d_name), id))
				return true;
	}
	return false;
}

static bool
is_absent(const struct manager *m, enum layout_dir dir, uint64_t id)
{
	char path[NAME_MAX_OCTETS];
	struct stat st;

	layout_path(&m->layout, dir, id, path);
	return fstatat(m->layout.fd, path, &st, 0) < 0 && errno == ENOENT;
}

static void
remove_file(const struct manager *m, enum layout_dir dir, uint64_t id)
{
	char path[NAME_MAX_OCTETS];

	layout_path(&m->layout, dir, id, path);
	unlinkat(m->layout.fd, path, 0);
}

static void
look_at_mess(struct manager *m, uint64_t id)
{
	struct clean_request request = { .kind = CLEAN_FOOP, .id = id };
	char path[NAME_MAX_OCTETS];
	struct stat st;

	/* Asked twice, qmail-clean could remove a new message with the same number. */
	if (cleaner_is_asked(&m->cleaner, id))
		return;
	layout_path(&m->layout, LAYOUT_MESS, id, path);
	if (fstatat(m->layout.fd, path, &st, 0) < 0 ||
	    m->now <= st.st_atime + MANAGER_OSSIFIED || alive_is(&m->layout, id))
		return;
	if (!is_absent(m, LAYOUT_INFO, id) || !is_absent(m, LAYOUT_TODO, id))
		return;
	remove_file(m, LAYOUT_BOUNCE, id);
	remove_file(m, LAYOUT_LOCAL, id);
	remove_file(m, LAYOUT_REMOTE, id);
	manager_clean(m, &request);
}

/* info/N goes when the message has come to its end: what is there without it, mess/N and todo/N was
 * removed before, and came back at a power loss (btrfs does not keep the order of names). */
static void
look_at_remains(struct manager *m, enum layout_dir dir, uint64_t id)
{
	if (is_absent(m, LAYOUT_INFO, id) && is_absent(m, LAYOUT_MESS, id) &&
	    is_absent(m, LAYOUT_TODO, id))
		remove_file(m, dir, id);
}

void
sweep_do(struct manager *m, int64_t boottime)
{
	struct sweep *s = &m->sweep;
	uint64_t id;
	int i;

	watch_clock(m, boottime);
	if (!sweep_is_busy(m))
		return;
	if (!s->running) {
		s->running = true;
		s->part = 0;
		s->dir_index = 0;
		s->next = m->now + MANAGER_SWEEP_AFTER;
	}
	for (i = 0; i < ENTRIES && cleaner_room(&m->cleaner, CLEAN_FOOP) > 0; i++) {
		if (!next_id(m, &id)) {
			s->running = false;
			return;
		}
		if (dirs[s->dir_index] == LAYOUT_MESS)
			look_at_mess(m, id);
		else
			look_at_remains(m, dirs[s->dir_index], id);
	}
}
