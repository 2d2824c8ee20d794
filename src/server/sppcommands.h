/* sppcommands - carry out what a plugin of qmail-spp says (inbound 5.11). */
#ifndef SERVER_SPPCOMMANDS_H
#define SERVER_SPPCOMMANDS_H

#include "server/session.h"

enum spp_step {
	SPP_STEP_NEXT,     /* ask the next plugin */
	SPP_STEP_CARRY_ON, /* ask no other; carry the command out */
	SPP_STEP_ANSWERED, /* the command was answered, or the session is over */
};

/* `output` is what `plugin` has said. */
enum spp_step sppcommands_run(struct session *s, enum spp_section section,
    const struct control_entry *plugin, struct view output);

/* Answer the command with 451 and log it: nobody knows what `plugin` would have said. */
void sppcommands_fail(
    struct session *s, const struct control_entry *plugin, const char *reason);

/* What is said for later, if any, is the answer: then false. */
bool sppcommands_none_later(struct session *s, enum spp_section section);

#endif
