#include "check/check.h"

#include <errno.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config/ids.h"
#include "lib/str.h"

const char *const check_user_names[CHECK_USERS] = { "alias", "qmaild", "qmaill", "qmailp",
	"qmailq", "qmailr", "qmails" };
const char *const check_group_names[CHECK_GROUPS] = { "qmail", "nofiles", "qmailt" };

bool
check_has(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0;
}

enum answer
check_list_of(struct check *c, const char *path, struct control_list *out)
{
	struct problem problem;
	enum answer found = control_list(path, out, &problem);

	(void)c;
	if (found != ANSWER_YES)
		*out = (struct control_list) { 0 };
	return found;
}

/* --- rights --------------------------------------------------------------------------------------- */

/* Has he this right (4 read, 1 search) to it? */
static bool
has_right(const struct stat *st, uid_t uid, gid_t gid, mode_t right)
{
	if (uid == 0)
		return true;
	if (st->st_uid == uid)
		return st->st_mode & (right << 6);
	if (st->st_gid == gid)
		return st->st_mode & (right << 3);
	return st->st_mode & right;
}

enum answer
check_may_read(const char *path, uid_t uid, gid_t gid)
{
	struct view all = view_of(path);
	struct str part = { 0 };
	enum answer answer = ANSWER_YES;
	struct stat st;
	size_t i;

	for (i = 1; i <= all.len && answer == ANSWER_YES; i++) {
		if (i < all.len && all.at[i] != '/')
			continue;
		str_set(&part, view_first(all, i));
		if (stat(str_text(&part), &st) < 0)
			answer = ANSWER_ERROR;
		else if (!has_right(&st, uid, gid, i < all.len ? 1 : 4))
			answer = ANSWER_NO;
	}
	str_free(&part);
	return answer;
}

/* --- who is who ----------------------------------------------------------------------------------- */

/* A host without a queue needs no users, either. */
static bool
is_needed(const struct check *c, size_t group)
{
	return !c->has_no_queue && group != GROUP_QMAILT;
}

/* Programs without NSS have the numbers of users/ids, run scripts those of the system. */
static void
compare_with_system(struct check *c, size_t user)
{
	const struct passwd *pw;

	errno = 0;
	pw = getpwnam(check_user_names[user]);
	if (!pw && (errno == 0 || errno == ENOENT))
		finding_add(&c->out, FINDING_ERROR, "/etc/passwd", 0,
		    "setup/users makes the accounts of a home", "there is no user ",
		    check_user_names[user], ", whose number is in users/ids",
		    (char *)NULL);
	else if (pw && pw->pw_uid != c->users[user])
		finding_add(&c->out, FINDING_ERROR, "users/ids", 0,
		    "setup/users writes it anew",
		    "another number than the system has for ", check_user_names[user],
		    (char *)NULL);
}

static void
find_ids(struct check *c)
{
	const char hint[] = "setup/users makes the accounts of a home";
	size_t i;

	for (i = 0; i < CHECK_USERS; i++) {
		c->users[i] = (uid_t)-1;
		if (c->is_rootless)
			c->users[i] = c->owner;
		else if (ids_user(check_user_names[i], &c->users[i]) != ANSWER_YES &&
		    !c->has_no_queue)
			finding_add(&c->out, FINDING_ERROR, "/etc/passwd", 0, hint,
			    "there is no user ", check_user_names[i], (char *)NULL);
		else if (c->users[i] != (uid_t)-1)
			compare_with_system(c, i);
	}
	for (i = 0; i < CHECK_GROUPS; i++) {
		c->groups[i] = (gid_t)-1;
		if (c->is_rootless)
			c->groups[i] = c->group;
		else if (ids_group(check_group_names[i], &c->groups[i]) != ANSWER_YES &&
		    is_needed(c, i))
			finding_add(&c->out, FINDING_ERROR, "/etc/group", 0, hint,
			    "there is no group ", check_group_names[i], (char *)NULL);
	}
}

static void
look_at_home(struct check *c)
{
	char target[64] = "";
	struct stat st;

	if (readlink("bin/qmail-queue", target, sizeof target - 1) > 0)
		c->has_no_queue = view_ends(view_of(target), VIEW("qmail-qmqpc"));
	if (stat(".", &st) == 0) {
		c->owner = st.st_uid;
		c->group = st.st_gid;
		c->is_rootless = st.st_uid != 0;
	}
	find_ids(c);
}

/* strict and dialect decide what the files mean; one that is wrong stops every session. */
static void
read_mode(struct check *c)
{
	const char hint[] = "as it is, qmail-smtpd answers 421 to everybody";
	const char words[] = "notqmail, sagredo, jms1, sqmail, indimail or ldap; as it "
			     "is, qmail-smtpd answers 421 to everybody";
	bool strict_wrong, dialect_wrong;
	struct problem problem;

	strict_wrong = strict_read(&c->is_strict, &problem) == ANSWER_ERROR;
	if (strict_wrong)
		finding_problem(&c->out, FINDING_ERROR, &problem, hint);
	dialect_wrong = dialect_read(&c->dialect, &problem) == ANSWER_ERROR;
	if (dialect_wrong)
		finding_problem(
		    &c->out, FINDING_ERROR, &problem, problem.error ? hint : words);
	c->is_mode_wrong = strict_wrong || dialect_wrong;
}

void
check_home(struct check *c)
{
	look_at_home(c);
	read_mode(c);
	check_controls(c);
	check_meanings(c);
	check_unmeant(c);
	check_domains(c);
	check_compiled(c);
	check_secrets(c);
	check_users(c);
	check_dotfiles(c);
	check_programs(c);
	check_places(c);
	check_services(c);
	check_system(c);
	if (c->asks_dns)
		check_names(c);
}
