/* spf - SPF in a session (inbound 5.6): asked at MAIL, answered at RCPT, told in the header.  Off in
 * strict mode, at level 0, and for relay clients and those who have said who they are. */
#ifndef SERVER_SPF_H
#define SERVER_SPF_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/str.h"
#include "lib/view.h"
#include "policy/spf/evaluate.h"
#include "server/authresults.h"
#include "server/message.h"

/* What a refusal is, besides fail; each level has those below it (inbound 5.6.1). */
enum spf_level {
	SPF_LEVEL_OFF,
	SPF_LEVEL_ANNOTATE,
	SPF_LEVEL_TEMPERROR, /* 451 to MAIL */
	SPF_LEVEL_FAIL,
	SPF_LEVEL_SOFTFAIL,
	SPF_LEVEL_NEUTRAL,
	SPF_LEVEL_ALL, /* none and permerror too */
};

/* What a session keeps.  {0}: nothing was read yet. */
struct session_spf {
	bool known; /* the settings are; read at the first MAIL */
	uint64_t level;
	struct str rules, guess, explanation; /* spfrules, spfguess, spfexp */
	bool is_explained;                    /* there is an spfexp */
	struct str me;                        /* for %{r} and as authserv-id */
	bool is_own;                          /* the client is this host */
	struct authresults filter;
};

struct session;

/* MAIL, behind transaction_start(): ask.  False if MAIL was answered already: 451, or 421 for a
 * control file that cannot be read. */
bool spf_accepts_mail(struct session *s);

/* RCPT: false if it was refused. */
bool spf_accepts_rcpt(struct session *s);

/* A message passes (server/message.h): our fields are put above all others, and those that claim
 * to be ours are renamed. */
extern const struct message_stage spf_stage;

void spf_free(struct session_spf *spf);

#endif
