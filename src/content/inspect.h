/* inspect - what can be found wrong with a message while it passes, by looking at nothing but it and some
 * files: all of the rules of this folder that are switched on, over one parse of it. */
#ifndef CONTENT_INSPECT_H
#define CONTENT_INSPECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "content/base64types.h"
#include "content/bodycheck.h"
#include "content/htmlonly.h"
#include "content/klez.h"
#include "content/linepatterns.h"
#include "content/lines.h"
#include "content/mime.h"
#include "content/signatures.h"

enum content_rule {
	CONTENT_NOTHING,
	CONTENT_SIGNATURES,
	CONTENT_BADMIMETYPES,
	CONTENT_BADLOADERTYPES,
	CONTENT_BODYCHECK,
	CONTENT_PATTERNS,
	CONTENT_KLEZ,
	CONTENT_HTMLONLY,
};

/* The rules that a message must keep.  {0} is none; what is not wanted is not looked at. */
struct content_rules {
	const struct signatures *signatures;
	const struct bodycheck *bodycheck;
	const struct linepatterns *patterns;
	struct base64types base64;
	bool klez, htmlonly;
};

/* What was found, at most one thing: the first. */
struct content_finding {
	enum content_rule rule;
	bool is_unknown;  /* the rule's file is damaged: `problem` */
	size_t line;      /* of the rule's file; 0: not one line's doing */
	struct view text; /* the rule's comment or reply; may be empty */
	struct problem problem;
};

/* inspection_start() makes it: 20 KB, which are the same for every message. */
struct inspection {
	struct content_rules rules;
	struct content_finding found;
	uint64_t octets;
	struct lines lines;
	struct mime mime;
	bool awaits_first; /* no line of this part had anything in it yet */
	struct base64types_state base64;
	enum linepatterns_mode mode;
	struct klez klez;
	struct htmlonly htmlonly;
};

/* Begin a message.  What `rules` points to must outlive it. */
void inspection_start(struct inspection *i, const struct content_rules *rules);

/* Octets of the message with LF line ends, in pieces of any size. */
void inspection_push(struct inspection *i, struct view octets);

/* The message is over: i->found is what there is. */
void inspection_end(struct inspection *i);

#endif
