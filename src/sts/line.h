/* line - domains that wait for a look, each once, in the order in which they came. */
#ifndef STS_LINE_H
#define STS_LINE_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/str.h"
#include "lib/view.h"

enum { LINE_MAX_DOMAINS = 1000 };

struct line_entry {
	struct str domain;
	bool used; /* there was mail for it */
};

/* {0} is empty. */
struct line {
	struct line_entry entries[LINE_MAX_DOMAINS];
	size_t first, count;
};

/* One that finds the line full is dropped: the next mail says it again. */
void line_add(struct line *line, struct view domain, bool used);
/* False: nobody waits.  entry->domain is replaced, and the caller's. */
bool line_take(struct line *line, struct line_entry *entry);
size_t line_length(const struct line *line);
void line_free(struct line *line);

#endif
