/* ruleline - a line of indimail's control files signatures and bodycheck:
 *
 *   pattern[:comment][:-header | :-body]
 */
#ifndef CONTENT_RULELINE_H
#define CONTENT_RULELINE_H

#include "lib/view.h"

enum ruleline_where { RULE_ANYWHERE, RULE_IN_HEADER, RULE_IN_BODY, RULE_PLACES };

struct ruleline {
	struct view pattern; /* may be empty: then the line is malformed */
	struct view comment; /* the pattern, if there is none */
	enum ruleline_where where;
};

/* The views point into `line`. */
struct ruleline ruleline_parse(struct view line);

#endif
