/* check - qmail-check: what is wrong with a home, or will be, as far as files can tell. */
#ifndef CHECK_CHECK_H
#define CHECK_CHECK_H

#include <stdbool.h>
#include <sys/types.h>

#include "check/finding.h"
#include "config/control.h"
#include "config/dialect.h"

/* Who is who here; (uid_t)-1 where there is no such user. */
enum check_user {
	USER_ALIAS,
	USER_QMAILD,
	USER_QMAILL,
	USER_QMAILP,
	USER_QMAILQ,
	USER_QMAILR,
	USER_QMAILS,
	CHECK_USERS
};
enum check_group { GROUP_QMAIL, GROUP_NOFILES, GROUP_QMAILT, CHECK_GROUPS };

struct check {
	struct findings out;
	bool asks_dns;
	bool is_rootless;  /* the home is one user's, who is not root */
	bool has_no_queue; /* bin/qmail-queue is qmail-qmqpc: other hosts have it */
	uid_t owner;       /* of the home */
	gid_t group;
	uid_t users[CHECK_USERS];
	gid_t groups[CHECK_GROUPS];
	enum dialect dialect;
	bool is_strict;
	bool is_mode_wrong; /* strict or dialect cannot be told: it was said */
};

extern const char *const check_user_names[CHECK_USERS];
extern const char *const check_group_names[CHECK_GROUPS];

/* All of it, from the home, the current directory. */
void check_home(struct check *c);

/* The parts, each in a file of its name. */
void check_controls(struct check *c); /* each control file: name, form, rights */
void check_meanings(struct check *c); /* what those who use them make of the lines */
void check_unmeant(struct check *c);  /* what is well-formed, and hardly meant */
void check_domains(
    struct check *c); /* rcpthosts, locals, virtualdomains, and each other */
void check_compiled(struct check *c); /* what is older than the text it is made of */
void check_secrets(struct check *c);  /* certificates, keys, credentials */
void check_users(struct check *c);    /* users/assign, the aliases that must be */
void check_dotfiles(struct check *c); /* .qmail files of alias */
void check_programs(struct check *c); /* owners and modes: what is in bin */
void check_places(struct check *c);   /* likewise: home, queue, store */
void check_services(struct check *c); /* run scripts and units */
void check_system(struct check *c);   /* what the machine takes away */
void check_names(struct check *c);    /* with asks_dns: what the DNS says of us */

/* May this user, with this group alone, read what the path names, all directories on the way considered?
 * ANSWER_ERROR: it cannot be found out. */
enum answer check_may_read(const char *path, uid_t uid, gid_t gid);

/* The file as a list; ANSWER_NO where there is none; what is wrong with it was said by
 * check_controls(). */
enum answer check_list_of(struct check *c, const char *path, struct control_list *out);

/* Is there a file of that name? */
bool check_has(const char *path);

#endif
