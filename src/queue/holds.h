/* holds - messages and destination domains that an admin holds back: files in state/send, so that it lasts
 * over a restart, and nothing of ours is in queue/ (DESIGN 9).
 *
 * state/send/held/N.BIRTH is a message; numbers are used again, but not with the same birth (the mtime of
 * info/N).  state/send/domains/NAME is a domain, in lower case.  A place that is missing holds nothing.  The
 * current directory must be the home. */
#ifndef QUEUE_HOLDS_H
#define QUEUE_HOLDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/str.h"
#include "lib/view.h"

#define HOLDS_MESSAGES "state/send/held"
#define HOLDS_DOMAINS  "state/send/domains"

enum { HOLDS_DOMAIN_MAX = 253 };

struct holds { /* {0} holds nothing */
	struct holds_message {
		uint64_t id;
		int64_t birth;
	} * messages; /* sorted */
	size_t count, size;
	struct str domains; /* each with a NUL behind it */
};

/* Make the places, as far as the caller may.  What is missing then is told by holds_set(). */
void holds_make_places(void);

/* Read all: what is held now.  0, or -1 with errno. */
int holds_read(struct holds *h);
void holds_free(struct holds *h);

bool holds_message(const struct holds *h, uint64_t id, int64_t birth);
bool holds_domain(const struct holds *h, struct view domain); /* in any case */

/* Hold one, or no longer: on disk when it returns.  0; or -1 with errno: all is as it was. */
int holds_set_message(uint64_t id, int64_t birth, bool held);
/* The same in *h, too.  EINVAL: not holds_is_domain(). */
int holds_set_domain(struct holds *h, struct view domain, bool held);

/* Letters, digits, dots, hyphens and underscores: what a file may be called. */
bool holds_is_domain(struct view domain);

#endif
