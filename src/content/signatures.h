/* signatures - how the first line of a part of a message must not begin (inbound 5.9). */
#ifndef CONTENT_SIGNATURES_H
#define CONTENT_SIGNATURES_H

#include <stddef.h>

#include "config/control.h"
#include "content/ruleline.h"
#include "lib/log.h"

enum signature_syntax {
	SIGNATURES_PLAIN, /* of the viruscan patch: all of the line, '*' stands for any octet */
	SIGNATURES_RULES, /* indimail's: content/ruleline.h, nothing stands for another */
};

struct signature {
	struct ruleline rule;
	size_t line;
};

/* {0} is empty. */
struct signatures {
	enum signature_syntax syntax;
	struct control_list lines;
	struct signature *at;
	size_t count;
};

/* Read a file.  A line that is malformed is told to `log`, and skipped.  ANSWER_NO: no such file.
 * ANSWER_ERROR with `problem`; *out is then empty. */
enum answer signatures_read(const char *path, enum signature_syntax syntax,
    struct signatures *out, const struct log *log, struct problem *problem);
void signatures_free(struct signatures *s);

/* The first one that `line` begins with; of those for headers, or of the others.  NULL: none. */
const struct signature *signatures_find(
    const struct signatures *s, struct view line, bool in_header);

#endif
