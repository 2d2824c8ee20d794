/* Owners, groups and modes of the programs (queue 5.1). */
#include "check/check.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "config/ids.h"

enum { SET_ID = S_ISUID | S_ISGID };

static const struct {
	const char *name;
	mode_t set_id;
	bool needed; /* no qmail without it */
} programs[] = {
	{ "qmail-queue", S_ISUID, true },
	{ "qmail-clean", 0, true },
	{ "qmail-getpw", 0, true },
	{ "qmail-inject", 0, true },
	{ "qmail-local", 0, true },
	{ "qmail-lspawn", 0, true },
	{ "qmail-remote", 0, true },
	{ "qmail-rspawn", 0, true },
	{ "qmail-send", 0, true },
	{ "qmail-smtpd", 0, true },
	{ "qmail-start", 0, true },
	{ "qmail-authcdb", S_ISGID, false },
	{ "qmail-state", S_ISGID, false },
	{ "qmail-tls", S_ISGID, false },
	{ "qmail-dns", 0, false },
	{ "qmail-rcpt", 0, false },
	{ "sendmail", 0, false },
};

static void
check_set_id(struct check *c, const char *path, mode_t wanted, const struct stat *st)
{
	mode_t has = st->st_mode & SET_ID;

	if (c->is_rootless || has == wanted)
		return;
	if (wanted == S_ISUID)
		finding_add(&c->out, FINDING_ERROR, path, 0, "chmod 4711",
		    "not set-uid: nobody but its owner can send mail", (char *)NULL);
	else if (wanted == S_ISGID)
		finding_add(&c->out, FINDING_WARNING, path, 0, "chmod 2711",
		    "not set-gid: it may not read what it keeps", (char *)NULL);
	else
		finding_add(&c->out, FINDING_WARNING, path, 0, "chmod ug-s",
		    "set-id, which this program should not be", (char *)NULL);
}

/* Set-gid to another group it has rights that it should not have, and lacks its own. */
static void
check_program_group(struct check *c, const char *path, const struct stat *st)
{
	static const char *const groups[][2] = { { "bin/qmail-authcdb", "qmaila" },
		{ "bin/qmail-state", "qmailk" }, { "bin/qmail-tls", "qmailt" } };
	gid_t wanted;
	size_t i;

	if (c->is_rootless || !(st->st_mode & S_ISGID))
		return;
	for (i = 0; i < sizeof groups / sizeof *groups; i++)
		if (strcmp(path, groups[i][0]) == 0 &&
		    ids_group(groups[i][1], &wanted) == ANSWER_YES &&
		    st->st_gid != wanted)
			finding_add(&c->out, FINDING_ERROR, path, 0,
			    "chgrp, then chmod 2711", "set-gid to another group than ",
			    groups[i][1], (char *)NULL);
}

static void
check_program_owner(
    struct check *c, const char *path, bool is_queue, const struct stat *st)
{
	uid_t wanted = is_queue && !c->is_rootless ? c->users[USER_QMAILQ] : 0;

	if (st->st_mode & (S_IWGRP | S_IWOTH))
		finding_add(&c->out, FINDING_ERROR, path, 0, "chmod go-w",
		    "others than its owner may write it, and it runs as root or more",
		    (char *)NULL);
	if (wanted == (uid_t)-1 || st->st_uid == wanted ||
	    (c->is_rootless && st->st_uid == c->owner))
		return;
	if (is_queue)
		finding_add(&c->out, FINDING_ERROR, path, 0,
		    "chown qmailq:qmail, chmod 4711", "does not belong to qmailq",
		    (char *)NULL);
	else if (!c->is_rootless)
		finding_add(&c->out, FINDING_ERROR, path, 0, "chown root:qmail",
		    "does not belong to root", (char *)NULL);
}

static void
check_program(struct check *c, size_t i)
{
	struct str path = { 0 };
	struct stat st;

	str_append_text(&path, "bin/");
	str_append_text(&path, programs[i].name);
	if (c->has_no_queue && programs[i].set_id == S_ISUID) {
		; /* what it is a link to is anybody's */
	} else if (stat(str_text(&path), &st) < 0) {
		if (programs[i].needed && errno == ENOENT && !c->has_no_queue)
			finding_add(&c->out, FINDING_ERROR, str_text(&path), 0,
			    "make install, or make dropin where the home is of another "
			    "qmail",
			    "missing", (char *)NULL);
	} else if (!(st.st_mode & S_IXUSR)) {
		finding_add(&c->out, FINDING_ERROR, str_text(&path), 0, "chmod +x",
		    "not executable", (char *)NULL);
	} else {
		check_program_owner(c, str_text(&path), i == 0, &st);
		check_set_id(c, str_text(&path), programs[i].set_id, &st);
		check_program_group(c, str_text(&path), &st);
	}
	str_free(&path);
}

void
check_programs(struct check *c)
{
	size_t i;

	for (i = 0; i < sizeof programs / sizeof *programs; i++)
		check_program(c, i);
}
