#include "send/manager.h"

#include "lib/fd.h"
#include "lib/mem.h"
#include "send/sendlog.h"

enum layout_dir
manager_channel_dir(enum channel_kind kind)
{
	return kind == CHANNEL_LOCAL ? LAYOUT_LOCAL : LAYOUT_REMOTE;
}

void
manager_warn(const struct manager *m, const char *before, enum layout_dir dir,
    uint64_t id, const char *after)
{
	struct sendlog_line line = { { 0 } };
	char path[NAME_MAX_OCTETS];

	layout_path(&m->layout, dir, id, path);
	sendlog_text(&line, "warning: ");
	sendlog_text(&line, before);
	sendlog_text(&line, path);
	sendlog_text(&line, after);
	sendlog_end(&line, MANAGER_LOG_FD);
}

void
manager_log_status(const struct manager *m)
{
	static const char *const words[CHANNELS] = { "status: local ", " remote " };
	struct sendlog_line line = { { 0 } };
	int kind;

	for (kind = 0; kind < CHANNELS; kind++) {
		sendlog_text(&line, words[kind]);
		sendlog_number(&line, m->channels[kind].running);
		sendlog_text(&line, "/");
		sendlog_number(&line, m->channels[kind].limit);
	}
	if (m->exiting)
		sendlog_text(&line, " exitasap");
	sendlog_end(&line, MANAGER_LOG_FD);
}

void
manager_lost_spawner(struct manager *m, enum channel_kind kind)
{
	if (!m->channels[kind].spawner.alive)
		return;
	m->channels[kind].spawner.alive = false;
	m->exiting = true;
	sendlog_say(
	    MANAGER_LOG_FD, "alert: ", "oh no! lost spawn connection! dying...", "");
}

void
manager_lost_cleaner(struct manager *m)
{
	if (!m->cleaner.alive)
		return;
	m->cleaner.alive = false;
	m->exiting = true;
	sendlog_say(MANAGER_LOG_FD,
	    "alert: ", "oh no! lost qmail-clean connection! dying...", "");
}

void
manager_clean(struct manager *m, const struct clean_request *request)
{
	if (cleaner_request(&m->cleaner, request) < 0)
		manager_lost_cleaner(m);
}

void
manager_set_limit(struct manager *m, enum channel_kind kind)
{
	struct channel *c = &m->channels[kind];
	uint64_t wanted = m->settings.concurrency[kind];

	c->limit = wanted < c->spawner.slots ? (unsigned)wanted : c->spawner.slots;
	c->changes++;
	destinations_call_all(&c->destinations);
}

static void
channel_free(struct channel *c)
{
	unsigned class;

	for (class = 0; class < CLASSES; class ++)
		fairqueue_free(&c->classes[class].ready);
	mem_free(c->deliveries);
	destinations_free(&c->destinations);
	duequeue_free(&c->due);
	spawner_free(&c->spawner);
}

void
manager_free(struct manager *m)
{
	int kind;

	for (kind = 0; kind < CHANNELS; kind++)
		channel_free(&m->channels[kind]);
	messages_free(&m->messages);
	desk_free(&m->desk);
	duequeue_free(&m->finished);
	duequeue_free(&m->bounces);
	duequeue_free(&m->doubtful);
	sendsettings_free(&m->settings);
	if (m->preprocess.dir)
		closedir(m->preprocess.dir);
	if (m->scan.dir)
		closedir(m->scan.dir);
	if (m->sweep.dir)
		closedir(m->sweep.dir);
	fd_close(&m->signal_fd);
	fd_close(&m->mutex_fd);
}
