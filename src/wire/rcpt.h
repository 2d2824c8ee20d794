/* rcpt - ask qmail-rcpt whether a recipient would find a mailbox here (inbound 6.2), or what vpopmail
 * and vmailmgr know of one (6.5), and how questions and answers are packed.  Used by both sides; neither trusts the other. */
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

enum rcpt_mailbox { /* as enum mailbox, which the helper finds out */
	RCPT_MAILBOX_NONE,
	RCPT_MAILBOX_FOUND,
	RCPT_MAILBOX_ELSEWHERE, /* the domain is neither vpopmail's nor vmailmgr's */
	RCPT_MAILBOX_ANY,       /* the domain takes everybody */
	RCPT_MAILBOX_FULL,      /* as far as RCPT_PERCENT goes */
	RCPT_MAILBOX_UNREADABLE, /* the helper may not look, or the users are not in files */
	RCPT_MAILBOX_UNKNOWN,    /* could not find out; no answer from the helper, too */
};

enum rcpt_rule {
	RCPT_BOUNCING_ONLY = 1, /* ask only about domains whose .qmail-default bounces */
	RCPT_EXTENSIONS = 2,    /* user-anything is user's */
	RCPT_RULES_ALL = 3,
};

struct rcpt_mailbox_question {
	struct view address;
	unsigned rules;   /* enum rcpt_rule, added up */
	uint32_t percent; /* of its quota, from which on a mailbox is full; 0: never */
};

enum { RCPT_ADDRESS_MAX = 4096 };

struct rcpt_client {
	struct helper helper;
	int64_t timeout_ms; /* of each question */
	struct str reason;  /* why the last answer was ..._UNREADABLE or ..._UNKNOWN: one
	                     * printable line, for the log */
};

void rcpt_client_init(struct rcpt_client *c, int64_t timeout_ms);
void rcpt_client_free(struct rcpt_client *c);

/* The current directory must be the home. */
enum rcpt_result rcpt_ask(struct rcpt_client *c, struct view address);
enum rcpt_mailbox rcpt_ask_mailbox(
    struct rcpt_client *c, const struct rcpt_mailbox_question *question);

/* --- packing ------------------------------------------------------------------------------------ */

/* The address of a request; false: there is none, or it is too long. */
bool rcpt_question(const struct frame *request, struct view *address);

/* The answer to `request`; `reason` NULL is none. */
void rcpt_pack_answer(struct str *packet, const struct frame *request,
    enum rcpt_result result, const char *reason);

/* False, with both untouched, if `answer` is none. */
bool rcpt_answer(
    const struct frame *answer, enum rcpt_result *result, struct str *reason);

/* The same of what is asked about mailboxes. */
bool rcpt_mailbox_question(
    const struct frame *request, struct rcpt_mailbox_question *out);
void rcpt_pack_mailbox(struct str *packet, const struct frame *request,
    enum rcpt_mailbox result, const char *reason);
bool rcpt_mailbox_answer(
    const struct frame *answer, enum rcpt_mailbox *result, struct str *reason);

#endif
