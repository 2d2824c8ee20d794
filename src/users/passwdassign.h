/* passwdassign - lines of users/assign made of the accounts of a passwd file (queue 5.1). */
#ifndef USERS_PASSWDASSIGN_H
#define USERS_PASSWDASSIGN_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/str.h"
#include "lib/view.h"

/* A line of passwd(5).  The views point into it. */
struct passwdassign_account {
	struct view user, uid, gid, home; /* numbers as they are written */
	uint64_t number;                  /* what the uid's digits say; 0 without any */
};

/* False for a line with fewer than six colons or with a NUL. */
bool passwdassign_parse(struct view line, struct passwdassign_account *out);

struct passwdassign {
	bool slash;     /* extensions are files in a directory: "-/" where "-" would be */
	char separator; /* between user and extension; 0: there are no extensions */
};

/* Append ":user:uid:gid:home:", which every line of the account has. */
void passwdassign_append_middle(struct str *out, const struct passwdassign_account *a);

/* Append the line that gives the account all mail that is nobody else's. */
void passwdassign_append_catchall(
    struct str *out, const struct passwdassign *how, struct view middle);

/* Append the lines of each of `names`, which have colons between them. */
void passwdassign_append_names(struct str *out, const struct passwdassign *how,
    struct view names, struct view middle);

/* A line "sub:user:pre:" of users/subusers; false if it has fewer than two colons. */
struct passwdassign_sub {
	struct view sub, user, pre;
	bool is_whole; /* the third colon is there; else the line says nothing */
};
bool passwdassign_parse_sub(struct view line, struct passwdassign_sub *out);

/* Append the lines of a subuser; `middle` is of the account of its user. */
void passwdassign_append_sub(struct str *out, const struct passwdassign *how,
    const struct passwdassign_sub *sub, struct view middle);

#endif
