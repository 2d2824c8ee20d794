/* sppoutput - what a plugin of qmail-spp says: commands of one letter, one a line (inbound 5.11). */
#ifndef POLICY_SPPOUTPUT_H
#define POLICY_SPPOUTPUT_H

#include <stdbool.h>

#include "lib/view.h"
#include "policy/sppfile.h"
#include "smtp/reply.h"

enum { SPP_TEXT_MAX = 1000 }; /* octets of a text for the client; the rest is cut off */

enum spp_verb {
	SPP_NONE,   /* an empty line, or a letter that nobody knows */
	SPP_ACCEPT, /* A: no plugins any more in this session */
	SPP_NEXT,   /* N: no more plugins for this command */
	SPP_OKAY,   /* O: likewise, and none of the checks of MAIL and RCPT */
	SPP_REFUSE, /* E: `reply` instead of carrying the command out */
	SPP_REJECT, /* R: `reply`, and the session ends */
	SPP_DROP,   /* D: the session ends, without a word */
	SPP_LATER, /* LM, LR, LD: `reply` instead of carrying commands of `section` out */
	SPP_PRINT, /* P: `reply`, besides what is answered */
	SPP_SET,   /* S: `name` is `text` in the environment */
	SPP_UNSET, /* U: `name` is not in the environment */
	SPP_HEADER, /* H: `text` is a line of the message's header */
	SPP_CHANGE, /* C: `text` is the address */
};

struct spp_line {
	enum spp_verb verb;
	const char *fault; /* why the rest means nothing; NULL: it is good */
	struct reply reply;
	bool is_more; /* of `reply`: "250-text", a line that others follow */
	struct view text, name;
	enum spp_section section;
};

/* Take the next line from *rest, with or without a CR before its LF.  False: there is none.  A reply
 * must have a code, 200 to 599, and no text may hold control octets but tabs: what is made of it is one
 * line of SMTP, or of a header, or of the environment. */
bool sppoutput_next(struct view *rest, struct spp_line *line);

#endif
