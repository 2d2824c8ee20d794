/* envelope - who sends an injected message, and who gets it: made of arguments, environment and
 * header (queue 3.1, 3.2). */
#ifndef INJECT_ENVELOPE_H
#define INJECT_ENVELOPE_H

#include <stdbool.h>
#include <stddef.h>

#include "inject/settings.h"
#include "lib/str.h"
#include "lib/view.h"

/* Addresses in envelope form, in the order in which they came.  {0} is empty. */
struct address_list {
	struct str bytes; /* each ends in a NUL */
	size_t count;
};

void address_list_add(struct address_list *list, struct view address);
/* Back to what it was when it had this many octets and addresses. */
void address_list_cut(struct address_list *list, size_t octets, size_t count);
/* Take the first address off *rest, which starts as str_view(&list->bytes). */
bool address_list_next(struct view *rest, struct view *address);
void address_list_free(struct address_list *list);

struct envelope {
	struct str sender;
	bool has_sender; /* -f or a Return-Path said it */
	struct address_list arguments, header, resent;
};

/* Of -f and the arguments: each is an address without quotes, and is rewritten. */
enum inject_status envelope_from_arguments(
    struct envelope *e, const struct inject_settings *s, struct str *complaint);

/* The sender, if neither -f nor Return-Path said it. */
enum inject_status envelope_default_sender(
    struct envelope *e, const struct inject_settings *s, struct str *complaint);

/* Append a From field with its line end, out of the environment. */
enum inject_status envelope_default_from(
    struct str *out, const struct inject_settings *s, struct str *complaint);

void envelope_free(struct envelope *e);

#endif
