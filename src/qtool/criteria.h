/* criteria - which messages are meant: every criterion that is given must fit. */
#ifndef QTOOL_CRITERIA_H
#define QTOOL_CRITERIA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "qtool/message.h"

struct criteria { /* {0} means all, but says that nothing was chosen */
	bool all;
	uint64_t *ids;
	size_t id_count;
	const char *sender, *recipient, *domain, *reason; /* NULL: any */
	bool has_channel, held;
	enum channel_kind channel;
	uint64_t older, younger;  /* seconds; 0: any */
	uint64_t larger, smaller; /* octets; 0: any */
};

/* Take option `name` (without its hyphens) with its value.  False: there is none of that name, or the value
 * is not for it; *takes_value says whether it wants one. */
bool criteria_take(
    struct criteria *c, const char *name, const char *value, bool *takes_value);
/* A number of a message.  False: it is none. */
bool criteria_take_id(struct criteria *c, const char *text);

/* Was anything chosen? */
bool criteria_is_given(const struct criteria *c);
void criteria_free(struct criteria *c);

/* By what the files say, but for recipients. */
bool criteria_fits(const struct criteria *c, const struct message *m, int64_t now);
/* Does a recipient that is not done?  criteria_wants_recipient() is whether that matters. */
bool criteria_wants_recipient(const struct criteria *c);
bool criteria_fits_recipient(const struct criteria *c, const struct message *m,
    const struct message_recipient *recipient);
bool criteria_fits_reason(const struct criteria *c, struct view reason);

/* Does `pattern`, in which * is any text, fit all of `text`?  In any case. */
bool criteria_matches(struct view pattern, struct view text);

/* "90", "30m", "5h", "2d", "1w" as seconds; "4711", "10k", "5m" as octets.  False: neither. */
bool criteria_age(struct view text, uint64_t *out);
bool criteria_size(struct view text, uint64_t *out);

#endif
