/* htmlonly - is a message in HTML, and in nothing else?  It has a part text/html, and no part text/plain
 * with anything in it.  Attachments, and messages that it has in it, are no part of it. */
#ifndef CONTENT_HTMLONLY_H
#define CONTENT_HTMLONLY_H

#include <stdbool.h>

#include "content/mime.h"

/* The state of a message.  {0} is its start. */
struct htmlonly {
	bool has_html, has_text;
	bool is_text; /* the present part is text/plain */
};

/* A part begins. */
void htmlonly_part(struct htmlonly *h, const struct mime *m);

/* A piece of a line of its body. */
void htmlonly_take(struct htmlonly *h, struct view piece);

bool htmlonly_is(const struct htmlonly *h);

#endif
