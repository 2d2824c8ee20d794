/* relaysecrets - credentials that belong to a relay, whichever line has chosen it (outbound 3.1 R and O):
 *
 *   control/remotesecrets  relay[:port]:user:password
 *   control/remoteauth     relay[:port]:sender:base64(authorisation NUL user NUL password)
 *
 * The relay is written as in its route, in brackets where it has colons; without one the line is for all
 * relays.  The password of remotesecrets is the rest of the line.  The sender of remoteauth, if there is
 * one, takes the place of the message's. */
#ifndef ROUTE_RELAYSECRETS_H
#define ROUTE_RELAYSECRETS_H

#include <stdint.h>

#include "auth/credential.h"
#include "lib/answer.h"
#include "lib/origin.h"
#include "lib/problem.h"
#include "lib/str.h"
#include "lib/view.h"

struct relaysecret {
	struct credential credential; /* wipe after use */
	struct str sender;            /* empty: the message's stays */
	struct origin from;
};

/* By the relay's name, then the name with its port, then the empty key; at each of them remotesecrets
 * before remoteauth.  ANSWER_YES: *out is filled in.  ANSWER_NO: no credential.  ANSWER_ERROR with
 * `problem`: a file that is needed is unreadable, or the line selected is none.  The current directory
 * must be the home. */
enum answer relaysecrets_find(
    struct view relay, uint16_t port, struct relaysecret *out, struct problem *problem);
void relaysecret_free(struct relaysecret *secret); /* wipes it */

/* --- the grammar, pure ------------------------------------------------------------------------ */

/* A line of either file.  All views point into it. */
struct relaysecret_line {
	struct view relay; /* without brackets; empty: all */
	struct view port;  /* its digits, or empty */
	struct view first; /* user, or sender */
	struct view rest;  /* password, or base64 */
};

/* False, *out untouched: too few fields.  Of a line with four the second is a port if it is a number. */
bool relaysecret_cut(struct view line, struct relaysecret_line *out);

/* What stands in base64 in remoteauth; *bytes, which is replaced, owns what the views point to.  False:
 * no such thing, or it wants to act for somebody who is not the user. */
bool relaysecret_decode(
    struct view base64, struct str *bytes, struct view *user, struct view *pass);

#endif
