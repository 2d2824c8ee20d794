#include "send/prepared.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/fd.h"
#include "os/filesystem.h"
#include "send/records.h"
#include "send/remains.h"
#include "send/sendlog.h"

enum { FLUSH_AT = 65536 };

static const enum layout_dir dirs[PREPARED_FILES] = {
	LAYOUT_INFO,
	[1 + CHANNEL_LOCAL] = LAYOUT_LOCAL,
	[1 + CHANNEL_REMOTE] = LAYOUT_REMOTE,
};

enum layout_dir
prepared_dir(int i)
{
	return dirs[i];
}

static enum prepared_result
find_size(struct manager *m, struct prepared *p)
{
	char path[NAME_MAX_OCTETS];
	struct stat st;

	layout_path(&m->layout, LAYOUT_MESS, p->id, path);
	if (fstatat(m->layout.fd, path, &st, 0) < 0) {
		if (errno == ENOENT)
			remains_move(m, LAYOUT_TODO, p->id);
		else
			manager_warn(m, "unable to stat ", LAYOUT_MESS, p->id,
			    "; will try again later");
		return PREPARED_FAILED;
	}
	p->size = (uint64_t)st.st_size;
	return PREPARED_OK;
}

static int
remove_one(struct manager *m, enum layout_dir dir, uint64_t id)
{
	char path[NAME_MAX_OCTETS];

	layout_path(&m->layout, dir, id, path);
	if (unlinkat(m->layout.fd, path, 0) == 0 || errno == ENOENT)
		return 0;
	manager_warn(m, "unable to unlink ", dir, id, "; will try again later");
	return -1;
}

/* What is there has come back from before a crash, and was perhaps another message's of that number:
 * its bounce is not this one's. */
static int
remove_stale(struct manager *m, uint64_t id)
{
	int i;

	for (i = PREPARED_FILES; i-- > 0;)
		if (remove_one(m, dirs[i], id) < 0)
			return -1;
	return remove_one(m, LAYOUT_BOUNCE, id);
}

static int
create(struct manager *m, struct prepared *p, int i)
{
	char path[NAME_MAX_OCTETS];

	layout_path(&m->layout, dirs[i], p->id, path);
	p->fds[i] =
	    openat(m->layout.fd, path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (p->fds[i] >= 0)
		return 0;
	manager_warn(m, "unable to create ", dirs[i], p->id, "; will try again later");
	return -1;
}

/* Write what was collected for file `i`, which begins with its first octet. */
static int
flush(struct manager *m, struct prepared *p, int i, struct str *text)
{
	if (text->len == 0)
		return 0;
	if (p->fds[i] < 0 && create(m, p, i) < 0)
		return -1;
	if (fd_write_all(p->fds[i], str_view(text)) < 0) {
		manager_warn(
		    m, "trouble writing to ", dirs[i], p->id, "; will try again later");
		return -1;
	}
	str_clear(text);
	return 0;
}

static int
add_recipient(
    struct manager *m, struct prepared *p, struct view recipient, struct str texts[])
{
	struct str address = { 0 };
	int i = 1 + (int)route_recipient(&m->settings.routes, recipient, &address);

	str_append_byte(&texts[i], 'T');
	str_append(&texts[i], str_view(&address));
	str_append_byte(&texts[i], '\0');
	str_free(&address);
	return texts[i].len >= FLUSH_AT ? flush(m, p, i, &texts[i]) : 0;
}

/* Read the records of todo/N and write those of the other files. */
static int
convert(
    struct manager *m, struct prepared *p, struct records *records, struct str texts[])
{
	enum records_status status;
	struct view record, recipient;
	int i;

	while ((status = records_next(records, &record)) == RECORDS_OK)
		switch (todo_take(&p->todo, record, &recipient)) {
		case TODO_NOTED:
			break;
		case TODO_RECIPIENT:
			if (add_recipient(m, p, recipient, texts) < 0)
				return -1;
			break;
		case TODO_UNKNOWN:
			manager_warn(
			    m, "unknown record type in ", LAYOUT_TODO, p->id, "");
			return -1;
		}
	if (status != RECORDS_END || !p->todo.has_sender) {
		manager_warn(
		    m, "trouble reading ", LAYOUT_TODO, p->id, "; will try again later");
		return -1;
	}
	str_append_byte(&texts[0], 'F');
	str_append(&texts[0], str_view(&p->todo.sender));
	str_append_byte(&texts[0], '\0');
	for (i = 0; i < PREPARED_FILES; i++)
		if (flush(m, p, i, &texts[i]) < 0)
			return -1;
	return 0;
}

static enum prepared_result
convert_file(struct manager *m, struct prepared *p)
{
	struct str texts[PREPARED_FILES] = { { 0 } };
	struct records records;
	char path[NAME_MAX_OCTETS];
	int fd, i, result;

	layout_path(&m->layout, LAYOUT_TODO, p->id, path);
	/* What is no file must not hold us up. */
	fd = openat(m->layout.fd, path, O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0) {
		if (errno == ENOENT)
			return PREPARED_GONE;
		manager_warn(
		    m, "unable to open ", LAYOUT_TODO, p->id, "; will try again later");
		return PREPARED_FAILED;
	}
	records_init(&records, fd);
	result = find_size(m, p) == PREPARED_OK ? remove_stale(m, p->id) : -1;
	if (result == 0)
		result = convert(m, p, &records, texts);
	for (i = 0; i < PREPARED_FILES; i++)
		str_free(&texts[i]);
	fd_close(&fd);
	return result < 0 ? PREPARED_FAILED : PREPARED_OK;
}

enum prepared_result
prepared_make(struct manager *m, uint64_t id, struct prepared *out)
{
	enum prepared_result result;

	*out = (struct prepared) { .id = id, .fds = { -1, -1, -1 } };
	result = convert_file(m, out);
	if (result != PREPARED_OK)
		prepared_free(out);
	return result;
}

void
prepared_start_sync(const struct prepared *p)
{
	int i;

	for (i = 0; i < PREPARED_FILES; i++)
		if (p->fds[i] >= 0)
			os_start_writeback(p->fds[i]);
}

int
prepared_sync(struct manager *m, const struct prepared *p)
{
	int i;

	for (i = 0; i < PREPARED_FILES; i++)
		if (p->fds[i] >= 0 && fsync(p->fds[i]) < 0) {
			manager_warn(m, "trouble fsyncing ", dirs[i], p->id,
			    "; will try again later");
			return -1;
		}
	return 0;
}

void
prepared_log(const struct prepared *p)
{
	struct sendlog_line line = { { 0 } };

	sendlog_about(MANAGER_LOG_FD, "new msg ", p->id, "");
	sendlog_text(&line, "info msg ");
	sendlog_number(&line, p->id);
	sendlog_text(&line, ": bytes ");
	sendlog_number(&line, p->size);
	sendlog_text(&line, " from <");
	sendlog_safe(&line, str_view(&p->todo.sender));
	sendlog_text(&line, "> qp ");
	sendlog_number(&line, p->todo.qp);
	sendlog_text(&line, " uid ");
	sendlog_number(&line, p->todo.uid);
	sendlog_end(&line, MANAGER_LOG_FD);
}

void
prepared_free(struct prepared *p)
{
	int i;

	for (i = 0; i < PREPARED_FILES; i++)
		fd_close(&p->fds[i]);
	todo_free(&p->todo);
}
