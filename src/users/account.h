/* account - who a local part belongs to: what qmail-lspawn, qmail-getpw, qmail-local and qmail-rcpt
 * answer alike (queue 4.9). */
#ifndef USERS_ACCOUNT_H
#define USERS_ACCOUNT_H

#include <stdbool.h>
#include <sys/types.h>

#include "lib/answer.h"
#include "lib/problem.h"
#include "lib/str.h"
#include "lib/view.h"

struct account {
	struct str user, home, dash, ext;
	uid_t uid;
	gid_t gid;
};
void account_free(struct account *a);

/* users/cdb: exact, then wildcards, longest first.  ANSWER_NO: no such file, or a miss; the caller
 * goes on to qmail-getpw.  ANSWER_ERROR: unreadable or corrupt. */
enum answer account_from_cdb(
    struct view local, struct account *out, struct problem *problem);

/* The record of users/cdb that a line "+prefix:" became, and of no shorter prefix; nothing is put
 * behind its ext.  `prefix` is in lower case.  Otherwise as above. */
enum answer account_of_prefix(
    struct view prefix, struct account *out, struct problem *problem);

/* The six NUL-terminated fields that qmail-getpw prints and that a record of users/cdb holds (there
 * the last NUL is missing).  False if there are fewer, or a number is none. */
bool account_parse(struct view fields, struct account *out);
void account_format(struct str *out, const struct account *a);

/* In a rootless instance everybody without a line in users/assign is this: the caller, in the
 * directory `alias` of the qmail home. */
void account_of_alias(struct view qmail_home, struct view local, struct account *out);

#endif
