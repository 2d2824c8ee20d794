/* qmail-authcdb - the checkpassword program for users/auth.cdb, or the file that AUTH_CDB names: name
 * and password on descriptor 3, the verdict in the exit code.  Set-gid qmaila, so that the daemon that asks cannot read the
 * hashes; whatever is inherited is a stranger's.  See qmail-authcdb(8). */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "config/cdbmap.h"
#include "config/helperusers.h"
#include "lib/complain.h"
#include "lib/env.h"
#include "lib/fd.h"
#include "lib/problem.h"
#include "lib/program.h"
#include "lib/scan.h"
#include "os/identity.h"
#include "os/os.h"
#include "os/softlimits.h"
#include "users/authdb.h"
#include "users/authrecord.h"
#include "users/password.h"
#include "wire/serve.h"

/* Of checkpassword; anything else than these is trouble too. */
enum { EXIT_WRONG = 1, EXIT_MISUSE = 2, EXIT_TROUBLE = 111 };

enum {
	STRINGS_FD = 3, /* user, password and a third string, each with a NUL behind it */
	SENDERS_FD = 5, /* where qmail-smtpd wants to know the allowed senders */
	STRINGS_MAX = 512,
	DIGEST = 32, /* hexadecimal digits of CRAM-MD5 and APOP */
};

struct database {
	struct cdbmap *cdb;
	const char *path;
	bool has_records; /* jms1's: users/authrecord.h */
};

struct request {
	char bytes[STRINGS_MAX + 1];
	size_t len;
	const char *name, *password, *third; /* NUL-terminated, in `bytes` */
};

static _Noreturn void
out_of_memory(void)
{
	os_exit_saying(
	    STDERR_FILENO, "qmail-authcdb: fatal: out of memory\n", EXIT_TROUBLE);
}

static _Noreturn void
fail(int status, const char *what, int error)
{
	complain("qmail-authcdb: fatal: ", what, error ? ": " : "",
	    error ? strerror(error) : "", (char *)NULL);
	_exit(status);
}

static _Noreturn void
fail_for(const struct problem *problem)
{
	complain("qmail-authcdb: fatal: ", problem->where, ": ", problem->what,
	    problem->error ? ": " : "", problem->error ? strerror(problem->error) : "",
	    (char *)NULL);
	_exit(EXIT_TROUBLE);
}

/* The caller wants the list if it gave a pipe to write to.  Asked before anything is opened that
 * could get this number. */
static bool
wants_senders(void)
{
	int flags = fcntl(SENDERS_FD, F_GETFL);
	struct stat st;

	return flags >= 0 && (flags & O_ACCMODE) == O_WRONLY &&
	    fstat(SENDERS_FD, &st) == 0 && S_ISFIFO(st.st_mode);
}

static void
read_request(struct request *r)
{
	ssize_t got;

	r->len = 0;
	do {
		got = fd_read(STRINGS_FD, r->bytes + r->len, sizeof r->bytes - r->len);
		if (got < 0)
			fail(EXIT_MISUSE, "unable to read descriptor 3", errno);
		r->len += (size_t)got;
	} while (got > 0 && r->len < sizeof r->bytes);
	close(STRINGS_FD);
	if (r->len > STRINGS_MAX)
		fail(EXIT_MISUSE, "more than 512 octets on descriptor 3", 0);
}

static void
split_request(struct request *r)
{
	struct view rest = { r->bytes, r->len }, part;

	if (!view_cut(rest, '\0', &part, &rest))
		fail(EXIT_MISUSE, "no name on descriptor 3", 0);
	r->name = part.at;
	if (!view_cut(rest, '\0', &part, &rest))
		fail(EXIT_MISUSE, "no password on descriptor 3", 0);
	r->password = part.at;
	r->bytes[r->len] = '\0'; /* some callers leave the third string out */
	r->third = rest.at;
}

static bool
is_digest(const char *text)
{
	size_t len = strlen(text), i;

	for (i = 0; i < len; i++)
		if (scan_hex_digit(text[i]) < 0)
			return false;
	return len == DIGEST;
}

/* Of a challenge and a digest, in the order of one or the other patch.  A third string alone says
 * nothing: qmail-popup always gives its time stamp. */
static bool
is_challenge(const struct request *r)
{
	return *r->third && (is_digest(r->password) || is_digest(r->third));
}

static void
drop_group(void)
{
	if (os_drop_group() < 0)
		fail(EXIT_TROUBLE, "unable to give up the group", errno);
	os_keep_secrets(); /* the kernel forgets it when ids change */
}

/* Whom the hashes are not meant for goes on with what it can read itself; and so does whoever names
 * the file, since that name is the caller's word. */
static struct database
open_database(void)
{
	const char *named = env_value("AUTH_CDB");
	struct database db = { .path = AUTHDB_PATH };
	struct helperusers users;
	struct problem problem;
	enum answer opened;

	if (named && *named)
		db = (struct database) { .path = named, .has_records = true };
	helperusers_read(&users);
	if (db.has_records || !serve_may_ask(0, false, users.uids, users.count))
		drop_group();
	opened = cdbmap_open(db.path, &db.cdb, &problem);
	if (opened == ANSWER_NO)
		problem_note(&problem, db.path, 0,
		    db.has_records ? "missing" : "missing; see qmail-passwd", ENOENT);
	if (opened != ANSWER_YES)
		fail_for(&problem);
	drop_group();
	return db;
}

static enum answer
check_hash(const struct database *db, const char *password, const struct str *hash,
    struct problem *problem)
{
	enum answer right = password_has_hash(password, str_text(hash));

	if (right == ANSWER_ERROR)
		problem_note(
		    problem, db->path, 0, "crypt(3) cannot compute this hash", errno);
	return right;
}

/* Nobody has that name, or it is locked: the work is the same, and so are its failures. */
static enum answer
check_decoy(const struct database *db, const char *password, struct problem *problem)
{
	struct str decoy = { 0 };
	enum answer answer = db->has_records ? authrecord_decoy(db->cdb, &decoy, problem)
					     : authdb_decoy(db->cdb, &decoy, problem);

	if (answer == ANSWER_YES)
		answer = check_hash(db, password, &decoy, problem);
	str_wipe(&decoy);
	return answer == ANSWER_ERROR ? ANSWER_ERROR : ANSWER_NO;
}

static bool
has_expired(const struct authdb_user *user)
{
	if ((uint64_t)time(NULL) <= user->expires)
		return false;
	complain("qmail-authcdb: the password of ", str_text(&user->name), " has expired",
	    (char *)NULL);
	return true;
}

/* ANSWER_YES: the password is the right one. */
static enum answer
check(const struct database *db, const struct request *r, struct authdb_user *user,
    struct problem *problem)
{
	struct view name = view_of(r->name);
	enum answer right = db->has_records
	    ? authrecord_find(db->cdb, db->path, name, user, problem)
	    : authdb_find(db->cdb, name, user, problem);

	if (right == ANSWER_ERROR)
		return right;
	if (right == ANSWER_NO || authline_is_locked(str_view(&user->hash)))
		return check_decoy(db, r->password, problem);
	right = check_hash(db, r->password, &user->hash, problem);
	return right == ANSWER_YES && has_expired(user) ? ANSWER_NO : right;
}

/* One a line, then the variables.  It fits into the pipe, so nobody is waited for. */
static void
tell_senders(const struct authdb_user *user)
{
	struct str lines = { 0 };
	size_t i;

	str_set(&lines, str_view(&user->senders));
	for (i = 0; i < lines.len; i++)
		if (lines.at[i] == ',')
			lines.at[i] = '\n';
	if (lines.len > 0)
		str_append_byte(&lines, '\n');
	str_append(&lines, str_view(&user->variables));
	if (fd_write_all(SENDERS_FD, str_view(&lines)) < 0)
		fail(EXIT_TROUBLE, "unable to tell the senders", errno);
	str_free(&lines);
}

static enum answer
judge(struct request *r, struct authdb_user *user)
{
	struct problem problem = { "", "", 0 };
	struct database db = open_database();
	enum answer right = check(&db, r, user, &problem);
	bool challenge = is_challenge(r);

	cdbmap_close(db.cdb);
	os_wipe(r, sizeof *r);
	if (right == ANSWER_ERROR)
		fail_for(&problem);
	if (right == ANSWER_NO && challenge)
		fail(EXIT_MISUSE,
		    "hashes cannot answer CRAM-MD5 or APOP; offer PLAIN and LOGIN", 0);
	return right;
}

int
main(int argc, char **argv)
{
	struct softlimits limits;
	struct request request;
	struct authdb_user user = { .name = { 0 } };
	bool tells = wants_senders();

	/* Trust nothing that was inherited, and leave no core; the subprogram may, as its user likes. */
	os_keep_secrets();
	if (argc < 2)
		fail(EXIT_MISUSE, "usage: qmail-authcdb subprogram [argument ...]", 0);
	read_request(&request);
	os_close_from(tells ? SENDERS_FD + 1 : STRINGS_FD);
	program_start(out_of_memory);
	umask(077);
	softlimits_raise(
	    &limits); /* softlimit -m 25000000 leaves no 16 MB for yescrypt */
	if (program_enter_home() < 0)
		fail(EXIT_TROUBLE, "unable to enter the home", errno);
	split_request(&request);

	if (judge(&request, &user) != ANSWER_YES)
		_exit(EXIT_WRONG);
	if (tells)
		tell_senders(&user);

	/* As checkpassword does: who it is, to the program that serves that user. */
	close(SENDERS_FD);
	softlimits_restore(&limits);
	setenv("USER", str_text(&user.name), 1);
	authdb_user_free(&user);
	execvp(argv[1], argv + 1);
	fail(EXIT_TROUBLE, "unable to run the subprogram", errno);
}
