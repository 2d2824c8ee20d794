/* authrecord - a record of the file that jms1's AUTH_CDB names (inbound 4.2):
 *
 *   hash[,NAME="value"...]
 *
 * The key is the name.  PASSWORD_EXPIRES is a time; other names are set for the session. */
#ifndef USERS_AUTHRECORD_H
#define USERS_AUTHRECORD_H

#include <stdbool.h>
#include <stdint.h>

#include "config/cdbmap.h"
#include "lib/str.h"
#include "lib/view.h"
#include "users/authdb.h"

struct authrecord {
	struct view hash; /* a part of the data */
	uint64_t expires; /* seconds since the epoch; UINT64_MAX: never */
};

/* Judge the data of a record; `variables` gains a line for each name (config/variables.h).  False:
 * *why is a literal that says what is wrong, and `variables` may have gained some. */
bool authrecord_parse(
    struct view data, struct authrecord *out, struct str *variables, const char **why);

/* Who logs in as `login`: the key is that, or the same in lower case.  *out is replaced on
 * ANSWER_YES.  ANSWER_ERROR with `problem`: `path` cannot be read, or the record is malformed. */
enum answer authrecord_find(struct cdbmap *db, const char *path, struct view login,
    struct authdb_user *out, struct problem *problem);

/* Replace *hash by that of the first record, for who is not there.  ANSWER_NO: there is none. */
enum answer authrecord_decoy(
    struct cdbmap *db, struct str *hash, struct problem *problem);

#endif
