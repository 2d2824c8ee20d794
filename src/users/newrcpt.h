/* newrcpt - the list of all recipients there are, control/realrcptto.cdb: who may be in it, and its
 * keys.  policy/rcptlist.h says what a key means to who asks.
 *
 * Every domain that locals, virtualdomains and percenthack name has its "@domain", a wildcard one
 * too ("@.domain"), and "@" says what all others are; addresses without a domain have keys without
 * '@', and "" for all of them. */
#ifndef USERS_NEWRCPT_H
#define USERS_NEWRCPT_H

#include <stdbool.h>

#include "lib/answer.h"
#include "lib/problem.h"
#include "lib/view.h"
#include "users/census.h"
#include "users/roster.h"
#include "users/route.h"

/* Who may be there: what virtualdomains puts before local parts; the keys of users/cdb, if there is
 * one (ANSWER_ERROR, with `problem`: it cannot be read); the users of the system, and alias. */
void newrcpt_count_routes(struct census *c, const struct routes *routes);
enum answer newrcpt_count_cdb(struct census *c, struct problem *problem);
void newrcpt_count_users(struct census *c, const struct roster *roster);

/* After these and rcptset_sort(): all keys, of which the first counts where one comes twice.  `good`
 * is whether the recipients have a mailbox. */
typedef void newrcpt_taker(void *context, struct view key, bool good);
void newrcpt_list(const struct census *c, const struct routes *routes,
    newrcpt_taker *take, void *context);

#endif
