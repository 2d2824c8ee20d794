/* Owners and modes: the home, the queue, the store (queue 1.1, 5.1). */
#include "check/check.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config/ids.h"
#include "lib/fmt.h"
#include "queue/layout.h"

enum { TCPTO_OCTETS = 1024 };

static const char RUN_INSTALL[] = "setup/new-home and setup/install set it right";

static void
append_mode(struct str *out, mode_t mode)
{
	char digits[] = "00000";
	int i;

	for (i = 4; i >= 0; i--, mode >>= 3)
		digits[i] = (char)('0' + (mode & 7));
	str_append_text(out, digits);
}

static void
tell_mode(struct check *c, enum finding_level level, const char *path, const char *what,
    mode_t has, mode_t wanted)
{
	struct str text = { 0 };

	str_append_text(&text, what);
	str_append_text(&text, ": its mode is ");
	append_mode(&text, has & 07777);
	str_append_text(&text, ", and should be ");
	append_mode(&text, wanted);
	finding_add(&c->out, level, path, 0, RUN_INSTALL, str_text(&text), (char *)NULL);
	str_free(&text);
}

/* --- directories ---------------------------------------------------------------------------------- */

/* What everybody may enter, and only root write. */
static void
check_public(struct check *c, const char *path)
{
	struct stat st;

	if (stat(path, &st) < 0)
		return;
	if (st.st_mode & S_IWOTH)
		finding_add(&c->out, FINDING_ERROR, path, 0, "chmod go-w",
		    "everybody may put files into it", (char *)NULL);
	else if ((st.st_mode & S_IWGRP) && !c->is_rootless && st.st_gid != 0)
		finding_add(&c->out, FINDING_WARNING, path, 0, "chmod g-w",
		    "its group may put files into it", (char *)NULL);
	if (!c->is_rootless && (st.st_mode & 0555) != 0555)
		tell_mode(c, FINDING_ERROR, path, "not everybody may enter it",
		    st.st_mode, 0755);
	if (!c->is_rootless && st.st_uid != 0)
		finding_add(&c->out, FINDING_ERROR, path, 0, "chown root:qmail",
		    "does not belong to root", (char *)NULL);
}

struct place {
	const char *name;
	enum check_user user;
	mode_t mode;
	bool is_split;
};

static const struct place queue_places[] = {
	{ "queue", USER_QMAILQ, 0750, false },
	{ "queue/pid", USER_QMAILQ, 0700, false },
	{ "queue/intd", USER_QMAILQ, 0700, false },
	{ "queue/todo", USER_QMAILQ, 0750, false },
	{ "queue/bounce", USER_QMAILS, 0700, false },
	{ "queue/mess", USER_QMAILQ, 0750, true },
	{ "queue/info", USER_QMAILS, 0700, true },
	{ "queue/local", USER_QMAILS, 0700, true },
	{ "queue/remote", USER_QMAILS, 0700, true },
	{ "queue/lock", USER_QMAILQ, 0750, false },
};

static void
check_owner(
    struct check *c, const char *path, enum check_user user, const struct stat *st)
{
	if (c->users[user] != (uid_t)-1 && st->st_uid != c->users[user])
		finding_add(&c->out, FINDING_ERROR, path, 0, RUN_INSTALL,
		    "does not belong to ",
		    c->is_rootless ? "the home's owner" : check_user_names[user],
		    (char *)NULL);
}

/* False: there is none, or nobody may look. */
static bool
look(struct check *c, const char *path, struct stat *st)
{
	if (stat(path, st) == 0)
		return true;
	if (errno == EACCES)
		finding_add(&c->out, FINDING_NOTE, "queue", 0, "run this as root",
		    "not checked: this user may not look into it", (char *)NULL);
	else
		finding_add(&c->out, FINDING_ERROR, path, 0, RUN_INSTALL, "missing",
		    (char *)NULL);
	return false;
}

static void
check_place(struct check *c, const char *path, const struct place *place)
{
	gid_t group = c->groups[GROUP_QMAIL];
	struct stat st;

	if (!look(c, path, &st))
		return;
	if (!S_ISDIR(st.st_mode))
		finding_add(&c->out, FINDING_ERROR, path, 0, RUN_INSTALL,
		    "not a directory", (char *)NULL);
	check_owner(c, path, place->user, &st);
	if ((st.st_mode & 0777) & ~place->mode)
		tell_mode(c, FINDING_ERROR, path, "more may enter it than should",
		    st.st_mode, place->mode);
	else if ((st.st_mode & place->mode) != place->mode)
		tell_mode(c, FINDING_ERROR, path, "who must may not enter it", st.st_mode,
		    place->mode);
	if ((place->mode & 070) && !c->is_rootless && group != (gid_t)-1 &&
	    st.st_gid != group)
		finding_add(&c->out, FINDING_ERROR, path, 0, RUN_INSTALL,
		    "is not of the group qmail", (char *)NULL);
}

static void
check_split(struct check *c, const struct place *place, uint64_t split)
{
	struct str path = { 0 };
	uint64_t i;

	for (i = 0; i < split; i++) {
		str_clear(&path);
		str_append_text(&path, place->name);
		str_append_byte(&path, '/');
		fmt_u64(&path, i);
		check_place(c, str_text(&path), place);
	}
	str_free(&path);
}

/* --- files of the queue --------------------------------------------------------------------------- */

static void
check_locks(struct check *c)
{
	struct stat st;

	if (look(c, "queue/lock/sendmutex", &st))
		check_owner(c, "queue/lock/sendmutex", USER_QMAILS, &st);
	if (look(c, "queue/lock/tcpto", &st)) {
		check_owner(c, "queue/lock/tcpto", USER_QMAILR, &st);
		if (st.st_size != TCPTO_OCTETS)
			finding_add(&c->out, FINDING_NOTE, "queue/lock/tcpto", 0,
			    "fill it with 1024 NULs",
			    "not of 1024 octets: no host is left out for a while",
			    (char *)NULL);
	}
	if (!look(c, "queue/lock/trigger", &st))
		return;
	check_owner(c, "queue/lock/trigger", USER_QMAILS, &st);
	if (!S_ISFIFO(st.st_mode))
		finding_add(&c->out, FINDING_ERROR, "queue/lock/trigger", 0,
		    "mkfifo, chown qmails:qmail, chmod 0622",
		    "not a FIFO: qmail-send sees new mail late", (char *)NULL);
	else if ((st.st_mode & 0622) != 0622)
		tell_mode(c, FINDING_ERROR, "queue/lock/trigger",
		    "not everybody may write it: qmail-send sees new mail late",
		    st.st_mode, 0622);
}

static void
check_queue(struct check *c)
{
	struct layout layout;
	size_t i;

	if (access("queue", X_OK) < 0 && errno == ENOENT) {
		finding_add(&c->out, FINDING_ERROR, "queue", 0, RUN_INSTALL, "missing",
		    (char *)NULL);
		return;
	}
	for (i = 0; i < sizeof queue_places / sizeof *queue_places; i++)
		check_place(c, queue_places[i].name, &queue_places[i]);
	check_locks(c);
	if (access("queue/mess", X_OK) < 0)
		return; /* that was said */
	if (layout_open(&layout, "queue") < 0) {
		if (errno == EUCLEAN)
			finding_add(&c->out, FINDING_ERROR, "queue", 0,
			    "qmail-send must be stopped before they are mended",
			    "mess, info, local and remote are not split alike",
			    (char *)NULL);
		return;
	}
	for (i = 0; i < sizeof queue_places / sizeof *queue_places; i++)
		if (queue_places[i].is_split)
			check_split(c, &queue_places[i], layout.split);
	layout_close(&layout);
}

/* --- the store ------------------------------------------------------------------------------------ */

/* qmail-state has this group, and its callers' users. */
static void
check_store(struct check *c)
{
	static const char path[] = "state/db";
	struct stat st;
	gid_t wanted;

	if (c->is_rootless || stat(path, &st) < 0 ||
	    ids_group("qmailk", &wanted) != ANSWER_YES)
		return;
	if (st.st_gid != wanted || (st.st_mode & 070) != 070)
		finding_add(&c->out, FINDING_ERROR, path, 0, "chgrp qmailk, chmod 2770",
		    "qmail-state may not write into it: nothing is counted, and all pass",
		    (char *)NULL);
	else if (st.st_mode & 007)
		finding_add(&c->out, FINDING_ERROR, path, 0, "chmod 2770",
		    "others than the group qmailk may enter it", (char *)NULL);
}

void
check_places(struct check *c)
{
	static const char *const open[] = { ".", "bin", "control", "users" };
	size_t i;

	for (i = 0; i < sizeof open / sizeof *open; i++)
		check_public(c, open[i]);
	if (!c->has_no_queue)
		check_queue(c);
	check_store(c);
}
