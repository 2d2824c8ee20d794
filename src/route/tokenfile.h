/* tokenfile - control/oauthtokens/USER: an OAuth 2 token in its first line, which somebody else renews
 * (outbound 3.5).  There is none for a user with '/' or a leading '.'. */
#ifndef ROUTE_TOKENFILE_H
#define ROUTE_TOKENFILE_H

#include "lib/answer.h"
#include "lib/problem.h"
#include "lib/str.h"
#include "lib/view.h"

/* Is there one for the user? */
enum answer tokenfile_exists(struct view user, struct problem *problem);

/* ANSWER_YES with *token replaced. */
enum answer tokenfile_read(struct view user, struct str *token, struct problem *problem);

#endif
