#define _GNU_SOURCE
#include "qtool/stopped.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config/ids.h"
#include "lib/fd.h"
#include "os/identity.h"
#include "send/bounce.h"

int
stopped_know_users(struct stopped *s)
{
	*s = (struct stopped) { .is_root = geteuid() == 0 };
	if (!s->is_root)
		return 0;
	return ids_user("qmailq", &s->qmailq) == ANSWER_YES &&
		ids_user("qmails", &s->qmails) == ANSWER_YES &&
		ids_group("qmail", &s->qmail) == ANSWER_YES
	    ? 0
	    : -1;
}

/* --- as whom ---------------------------------------------------------------------------------------------- */

static int
act_as(const struct stopped *s, uid_t uid)
{
	return s->is_root ? os_act_as(uid, s->qmail) : 0;
}

static void
act_as_ourselves(const struct stopped *s)
{
	int saved = errno;

	if (s->is_root && os_act_as_root() < 0)
		_exit(111);
	errno = saved;
}

/* --- places of holds -------------------------------------------------------------------------------------- */

static int
give(const struct stopped *s, const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	int result = fd < 0 ? -1 : fchown(fd, s->qmails, s->qmail);

	fd_close(&fd);
	return result;
}

/* state/ is root's; what is in state/send is qmail-send's, who must not have anything else given to it: only
 * what is a directory is. */
static int
make_places(const struct stopped *s)
{
	holds_make_places();
	if (!s->is_root)
		return 0;
	return give(s, "state/send") == 0 && give(s, HOLDS_MESSAGES) == 0 &&
		give(s, HOLDS_DOMAINS) == 0
	    ? 0
	    : -1;
}

static int
hold_message(const struct stopped *s, const struct message *m, bool held)
{
	int result;

	if (make_places(s) < 0 || act_as(s, s->qmails) < 0)
		return -1;
	result = holds_set_message(m->id, m->birth, held);
	act_as_ourselves(s);
	return result;
}

int
stopped_hold_domain(
    const struct stopped *s, struct holds *h, struct view domain, bool held)
{
	int result;

	if (make_places(s) < 0 || act_as(s, s->qmails) < 0)
		return -1;
	result = holds_set_domain(h, domain, held);
	act_as_ourselves(s);
	return result;
}

/* --- files ------------------------------------------------------------------------------------------------ */

static int
remove_file(const struct layout *layout, enum layout_dir dir, uint64_t id)
{
	char path[NAME_MAX_OCTETS];

	layout_path(layout, dir, id, path);
	return unlinkat(layout->fd, path, 0) == 0 || errno == ENOENT ? 0 : -1;
}

/* What qmail-send made of it, and then its claim.  info/N goes last: the others without it are remains. */
static int
remove_old(const struct layout *layout, uint64_t id)
{
	static const enum layout_dir dirs[] = { LAYOUT_LOCAL, LAYOUT_REMOTE,
		LAYOUT_BOUNCE, LAYOUT_INFO };
	size_t i;

	for (i = 0; i < sizeof dirs / sizeof *dirs; i++)
		if (remove_file(layout, dirs[i], id) < 0)
			return -1;
	return 0;
}

/* Of a message in todo/ these are halves; without todo/N they would be taken for the message. */
static int
remove_halves(const struct layout *layout, uint64_t id)
{
	return remove_file(layout, LAYOUT_INFO, id) == 0 ? remove_old(layout, id) : -1;
}

static int
remove_message(
    const struct stopped *s, const struct layout *layout, const struct message *m)
{
	int result;

	if (act_as(s, s->qmails) < 0)
		return -1;
	result = m->is_new ? remove_halves(layout, m->id) : remove_old(layout, m->id);
	if (result == 0 && holds_set_message(m->id, m->birth, false) < 0)
		result = errno == ENOENT ? 0 : -1;
	act_as_ourselves(s);
	if (result < 0 || act_as(s, s->qmailq) < 0)
		return -1;
	result = remove_file(layout, LAYOUT_TODO, m->id) == 0 &&
		remove_file(layout, LAYOUT_INTD, m->id) == 0 &&
		remove_file(layout, LAYOUT_MESS, m->id) == 0
	    ? 0
	    : -1;
	act_as_ourselves(s);
	return result;
}

static int
set_due(const struct layout *layout, uint64_t id)
{
	static const enum layout_dir dirs[] = { LAYOUT_LOCAL, LAYOUT_REMOTE };
	char path[NAME_MAX_OCTETS];
	size_t i;

	for (i = 0; i < sizeof dirs / sizeof *dirs; i++) {
		layout_path(layout, dirs[i], id, path);
		if (utimensat(layout->fd, path, NULL, AT_SYMLINK_NOFOLLOW) < 0 &&
		    errno != ENOENT)
			return -1;
	}
	return 0;
}

/* --- bounces ---------------------------------------------------------------------------------------------- */

enum {
	SOME_RECIPIENTS =
	    4096, /* that are settled at a time: a sync for each of a million takes hours */
	SOME_TEXT = 65536, /* octets; likewise */
};

struct bouncing {
	const struct layout *layout;
	struct routes routes;
	uint64_t id;
	struct view reason;
	struct str text; /* of the bounce, for those that are not settled yet: */
	enum channel_kind kind;
	uint64_t offsets[SOME_RECIPIENTS];
	size_t count;
	int result;
	int error;
};

static int
mark_done(const struct bouncing *b)
{
	enum layout_dir dir = b->kind == CHANNEL_LOCAL ? LAYOUT_LOCAL : LAYOUT_REMOTE;
	char path[NAME_MAX_OCTETS];
	int fd, result = 0;
	size_t i;

	layout_path(b->layout, dir, b->id, path);
	fd = openat(b->layout->fd, path, O_WRONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return -1;
	for (i = 0; i < b->count && result == 0; i++)
		result = pwrite(fd, "D", 1, (off_t)b->offsets[i]) == 1 ? 0 : -1;
	fd_close(&fd);
	return result;
}

/* The reasons are on disk before the recipients are marked. */
static void
settle(struct bouncing *b)
{
	if (b->count == 0 || b->result < 0)
		return;
	b->result = bounce_append_text(b->layout, b->id, str_view(&b->text));
	if (b->result == 0)
		b->result = mark_done(b);
	if (b->result < 0)
		b->error = errno;
	b->count = 0;
	str_clear(&b->text);
}

static void
bounce_recipient(void *context, const struct message_recipient *r)
{
	struct bouncing *b = context;

	if (r->kind != b->kind || b->count == SOME_RECIPIENTS || b->text.len >= SOME_TEXT)
		settle(b);
	if (r->done || b->result < 0)
		return;
	b->kind = r->kind;
	b->offsets[b->count++] = r->offset;
	bouncetext_recipient(
	    &b->text, route_strip_prefix(&b->routes, r->address), b->reason);
}

static int
bounce_message(const struct layout *layout, const struct message *m, struct view reason)
{
	struct bouncing b = { .layout = layout, .id = m->id, .reason = reason };
	int error = 0;

	if (routes_read(&b.routes, NULL) != ANSWER_YES)
		error = EINVAL;
	else if (message_recipients(layout, m, bounce_recipient, &b) < 0)
		error = errno;
	settle(&b);
	if (error != 0 && b.result == 0)
		b.result = -1, b.error = error;
	str_free(&b.text);
	routes_free(&b.routes);
	errno = b.error;
	return b.result;
}

/* --- verbs ------------------------------------------------------------------------------------------------ */

static int
as_qmail_send(const struct stopped *s, const struct layout *layout,
    enum queuectl_verb verb, struct view text, const struct message *m)
{
	int result;

	if (act_as(s, s->qmails) < 0)
		return -1;
	result = verb == QUEUECTL_BOUNCE ? bounce_message(layout, m, text)
					 : set_due(layout, m->id);
	if (verb == QUEUECTL_BOUNCE && result == 0 &&
	    holds_set_message(m->id, m->birth, false) < 0 && errno != ENOENT)
		result = -1;
	act_as_ourselves(s);
	return result;
}

enum queuectl_result
stopped_do(const struct stopped *s, const struct layout *layout, enum queuectl_verb verb,
    struct view text, const struct message *m)
{
	int result = -1;

	if (m->is_new && verb != QUEUECTL_REMOVE)
		return QUEUECTL_UNKNOWN;
	switch (verb) {
	case QUEUECTL_HOLD:
	case QUEUECTL_RELEASE:
		result = hold_message(s, m, verb == QUEUECTL_HOLD);
		if (result == 0 && verb == QUEUECTL_RELEASE)
			result = as_qmail_send(s, layout, QUEUECTL_RETRY, text, m);
		break;
	case QUEUECTL_RETRY:
	case QUEUECTL_BOUNCE:
		result = as_qmail_send(s, layout, verb, text, m);
		break;
	case QUEUECTL_REMOVE:
		result = remove_message(s, layout, m);
		break;
	}
	return result < 0 ? QUEUECTL_FAILED : QUEUECTL_DONE;
}
