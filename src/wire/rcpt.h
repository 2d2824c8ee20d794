/* rcpt - ask qmail-rcpt whether a recipient would find a mailbox here (inbound 6.2), and how question
 * and answer are packed.  Used by both sides; neither trusts the other. */
#ifndef WIRE_RCPT_H
#define WIRE_RCPT_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/str.h"
#include "lib/view.h"
#include "wire/frame.h"
#include "wire/helper.h"

enum rcpt_result { /* as enum deliverable, which the helper finds out */
	RCPT_NO,
	RCPT_YES,
	RCPT_UNREADABLE, /* the user exists; the helper may not look for .qmail files */
	RCPT_UNKNOWN,    /* could not find out; no answer from the helper, too */
};

enum { RCPT_ADDRESS_MAX = 4096 };

struct rcpt_client {
	struct helper helper;
	int64_t timeout_ms; /* of each question */
	struct str reason; /* why the last answer was RCPT_UNREADABLE or RCPT_UNKNOWN: one
	                     * printable line, for the log */
};

void rcpt_client_init(struct rcpt_client *c, int64_t timeout_ms);
void rcpt_client_free(struct rcpt_client *c);

/* The current directory must be the home. */
enum rcpt_result rcpt_ask(struct rcpt_client *c, struct view address);

/* --- packing ------------------------------------------------------------------------------------ */

/* The address of a request; false: there is none, or it is too long. */
bool rcpt_question(const struct frame *request, struct view *address);

/* The answer to `request`; `reason` NULL is none. */
void rcpt_pack_answer(struct str *packet, const struct frame *request,
    enum rcpt_result result, const char *reason);

/* False, with both untouched, if `answer` is none. */
bool rcpt_answer(
    const struct frame *answer, enum rcpt_result *result, struct str *reason);

#endif
