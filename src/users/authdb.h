/* authdb - users/auth.cdb, what qmail-passwd compiles users/auth into: the key is the name, its realm
 * in lower case, the data what follows the name's colon.  Under the empty key is a decoy: the hash
 * that a password is tried against when nobody has that name, so that the answer takes as long. */
#ifndef USERS_AUTHDB_H
#define USERS_AUTHDB_H

#include <stdint.h>

#include "config/cdbmap.h"
#include "lib/answer.h"
#include "lib/problem.h"
#include "lib/str.h"
#include "lib/view.h"
#include "users/authline.h"

/* Relative to the home. */
#define AUTHDB_PATH "users/auth.cdb"

/* {0} is empty. */
struct authdb_user {
	struct str name; /* as in users/auth */
	struct str hash;
	struct str senders;   /* with commas between; empty: any */
	struct str variables; /* of users/authrecord.h: lines of config/variables.h */
	uint64_t expires;     /* likewise; seconds since the epoch */
};

/* Who logs in as `login`: who has just that name; else, with a realm that is local mail's (a line
 * of control/locals, default control/me), who has the name without it; else, without a realm, who
 * has it with that of control/envnoathost (default control/me).  The realm's case does not matter.
 * The current directory must be the home.  *out is replaced on ANSWER_YES. */
enum answer authdb_find(struct cdbmap *db, struct view login, struct authdb_user *out,
    struct problem *problem);

/* Replace *hash by the decoy.  ANSWER_NO: there is none. */
enum answer authdb_decoy(struct cdbmap *db, struct str *hash, struct problem *problem);

/* Append the data of a record. */
void authdb_append_data(struct str *out, const struct authline *line);

void authdb_user_free(struct authdb_user *user);

#endif
