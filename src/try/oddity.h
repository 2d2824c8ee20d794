/* oddity - what is odd in a line of the control files that a delivery goes by.  Pure. */
#ifndef TRY_ODDITY_H
#define TRY_ODDITY_H

#include <stdbool.h>

#include "lib/view.h"

enum oddity_weight {
	ODDITY_ODD,   /* perhaps not what is meant */
	ODDITY_WAITS, /* mail that selects the line has to wait */
	ODDITY_STOCK, /* only a stock qmail-remote would take it for something else */
};

struct oddity {
	const char *odd; /* a literal, or NULL */
	enum oddity_weight weight;
	bool counts;     /* of equal keys the last line wins, and this one may */
	struct view key; /* only if so */
	bool is_secret;  /* it has a credential */
};

/* A file, and who looks at a line of it, as control_list() gives it; *out is {0} at first. */
struct oddity_table {
	const char *path;
	void (*look)(struct view line, struct oddity *out);
};

enum { ODDITY_TABLES = 9 };
extern const struct oddity_table oddity_tables[ODDITY_TABLES];

#endif
