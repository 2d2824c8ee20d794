#define _GNU_SOURCE
#include "qtool/message.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "lib/fd.h"
#include "send/messageinfo.h"
#include "send/records.h"
#include "send/todo.h"

static int
look_at(const struct layout *layout, enum layout_dir dir, uint64_t id, struct stat *st)
{
	char path[NAME_MAX_OCTETS];

	layout_path(layout, dir, id, path);
	return fstatat(layout->fd, path, st, AT_SYMLINK_NOFOLLOW);
}

static enum answer
failed(void)
{
	return errno == ENOENT ? ANSWER_NO : ANSWER_ERROR;
}

/* --- recipients ------------------------------------------------------------------------------------------- */

static int
end_of(enum records_status status)
{
	if (status == RECORDS_TOO_LONG)
		errno = EFBIG;
	return status == RECORDS_END ? 0 : -1;
}

static int
channel_recipients(int fd, enum channel_kind kind, message_each *each, void *context)
{
	struct records records;
	enum records_status status;
	struct view record;

	records_init(&records, fd);
	while ((status = records_next(&records, &record)) == RECORDS_OK)
		if (record.len > 0 && (record.at[0] == 'T' || record.at[0] == 'D')) {
			struct message_recipient r = { kind, records.offset,
				record.at[0] == 'D', view_from(record, 1) };

			each(context, &r);
		}
	return end_of(status);
}

static int
todo_recipients(int fd, struct todo *todo, message_each *each, void *context)
{
	struct records records;
	enum records_status status;
	struct view record, address;

	records_init(&records, fd);
	while ((status = records_next(&records, &record)) == RECORDS_OK)
		if (todo_take(todo, record, &address) == TODO_RECIPIENT) {
			struct message_recipient r = { CHANNEL_LOCAL, records.offset,
				false, address };

			each(context, &r);
		}
	return end_of(status);
}

/* A file that is not there has none. */
static int
file_recipients(const struct layout *layout, const struct message *m, enum layout_dir dir,
    enum channel_kind kind, message_each *each, void *context)
{
	int fd = layout_open_file(layout, dir, m->id), result;
	struct todo todo = { 0 };

	if (fd < 0)
		return errno == ENOENT ? 0 : -1;
	result = m->is_new ? todo_recipients(fd, &todo, each, context)
			   : channel_recipients(fd, kind, each, context);
	todo_free(&todo);
	fd_close(&fd);
	return result;
}

int
message_recipients(const struct layout *layout, const struct message *m,
    message_each *each, void *context)
{
	if (m->is_new)
		return file_recipients(
		    layout, m, LAYOUT_TODO, CHANNEL_LOCAL, each, context);
	if (file_recipients(layout, m, LAYOUT_LOCAL, CHANNEL_LOCAL, each, context) < 0)
		return -1;
	return file_recipients(layout, m, LAYOUT_REMOTE, CHANNEL_REMOTE, each, context);
}

static void
count_recipient(void *context, const struct message_recipient *recipient)
{
	struct message *m = context;

	if (recipient->done)
		return;
	if (m->left++ == 0)
		str_set(&m->first, recipient->address);
}

/* --- messages --------------------------------------------------------------------------------------------- */

static void
ignore(void *context, const struct message_recipient *recipient)
{
	(void)context, (void)recipient;
}

static enum answer
read_new(const struct layout *layout, struct message *m)
{
	int fd = layout_open_file(layout, LAYOUT_TODO, m->id);
	struct todo todo = { 0 };
	struct stat st;

	if (fd < 0)
		return failed();
	if (fstat(fd, &st) < 0 || todo_recipients(fd, &todo, ignore, NULL) < 0) {
		fd_close(&fd);
		todo_free(&todo);
		return ANSWER_ERROR;
	}
	fd_close(&fd);
	m->is_new = true;
	m->birth = st.st_mtime;
	str_set(&m->sender, str_view(&todo.sender));
	todo_free(&todo);
	return ANSWER_YES;
}

static enum answer
read_old(const struct layout *layout, struct message *m)
{
	struct messageinfo info = { 0 };
	struct stat st;

	if (messageinfo_read(layout, m->id, &info) < 0)
		return failed();
	m->birth = info.birth;
	m->sender = info.sender; /* ours now */
	m->bouncing = look_at(layout, LAYOUT_BOUNCE, m->id, &st) == 0;
	return ANSWER_YES;
}

/* While todo/N is there, what is in info/N may be half of it. */
enum answer
message_read(const struct layout *layout, uint64_t id, struct message *out)
{
	struct message m = { .id = id };
	enum answer found;
	struct stat st;

	if (look_at(layout, LAYOUT_MESS, id, &st) < 0)
		return failed();
	m.size = (uint64_t)st.st_size;
	found = read_new(layout, &m);
	if (found == ANSWER_NO)
		found = read_old(layout, &m);
	if (found == ANSWER_YES &&
	    message_recipients(layout, &m, count_recipient, &m) < 0)
		found = ANSWER_ERROR;
	if (found != ANSWER_YES) {
		message_free(&m);
		return found;
	}
	*out = m;
	return ANSWER_YES;
}

void
message_free(struct message *m)
{
	int saved = errno;

	str_free(&m->sender);
	str_free(&m->first);
	errno = saved;
}

const char *
message_standing(const struct message *m, int64_t now, int64_t *at)
{
	bool active = false, waits = false;
	int64_t next = 0;
	int i;

	*at = 0;
	if (m->is_new)
		return "new";
	for (i = 0; i < QUEUECTL_CHANNELS; i++) {
		unsigned place = m->state.channels[i].place;
		int64_t when = m->state.channels[i].at;

		active = active || place == QUEUECTL_ACTIVE;
		if (place == QUEUECTL_NOWHERE || place == QUEUECTL_ACTIVE)
			continue;
		if (!waits || when < next)
			next = when;
		waits = true;
	}
	if (active)
		return "active";
	if (m->state.held)
		return "held";
	if (!waits)
		return m->left == 0 ? "ending" : "due";
	*at = next;
	return next <= now ? "due" : "waiting";
}
