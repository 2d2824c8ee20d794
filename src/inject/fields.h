/* fields - the header of an injected message: what is taken from it, what is changed, what is added
 * (queue 3.3). */
#ifndef INJECT_FIELDS_H
#define INJECT_FIELDS_H

#include "inject/envelope.h"
#include "inject/settings.h"
#include "message/header.h"

struct fields {
	struct str kept; /* the fields that stay, rewritten, in their order */
	bool seen[HEADER_COUNT];
	struct address_list to_cc; /* for Mail-Followup-To */
};

/* Take one field, its continuation lines and last line end included. */
enum inject_status fields_take(struct fields *f, struct view field,
    const struct inject_settings *s, struct envelope *e, struct str *complaint);

/* Was there a Resent- field? */
bool fields_are_resent(const struct fields *f);

/* Append the fields that are missing. */
enum inject_status fields_add_missing(const struct fields *f,
    const struct inject_settings *s, struct str *out, struct str *complaint);

void fields_free(struct fields *f);

#endif
