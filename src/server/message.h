/* message - one message on its way from the client to the queue program: what is put above it, what
 * looks at it or changes it on its way, and what becomes of it.  DATA and BDAT bring the octets. */
#ifndef SERVER_MESSAGE_H
#define SERVER_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/answer.h"
#include "lib/problem.h"
#include "lib/str.h"
#include "policy/check.h"
#include "queue/submit.h"
#include "smtp/dotstream.h"

struct session;

/* Something that a message passes; a row of the table in message.c.  Any function may be NULL.  What
 * it keeps for a message is its own part of the session. */
struct message_stage {
	/* Before DATA is answered: is this message to pass here?  ANSWER_ERROR, with `problem`, is
	 * 421.  NULL is yes.  With ANSWER_NO nothing else is called. */
	enum answer (*begin)(struct session *s, struct problem *problem);

	/* Append header fields, to stand above or below our Received. */
	void (*above)(struct session *s, struct str *out);
	void (*below)(struct session *s, struct str *out);

	/* Octets of the client's message, LF line ends, in pieces of any size: what is to be passed on
	 * for them now, valid until the next call; and what was held back, at the message's end. */
	struct view (*push)(struct session *s, struct view octets);
	struct view (*end)(struct session *s);

	/* Behind the end, if nothing before it refuses: true, or false and *why.  What the message was
	 * passed on as can no longer be changed. */
	bool (*accepts)(struct session *s, struct ruling *why);

	/* The message is over, however it ended: nothing is kept.  Called for each that began. */
	void (*forget)(struct session *s);
};

enum { MESSAGE_STAGES_MAX = 8 };

struct session_message {
	bool open; /* the queue program runs; message_end() or _drop() ends that */
	struct dotstream text; /* the rules, and what was found */
	bool knows_rules;
	struct dotstream rules; /* settings_read_data_rules(), for each message anew */
	struct str top;         /* the header fields that we put above the client's */
	bool passes[MESSAGE_STAGES_MAX];
};

/* Start the queue program and give it what stands above the message, which comes by DATA, or in
 * chunks by BDAT.  False if the command was
 * answered: it cannot be taken now. */
bool message_begin(struct session *s, bool in_chunks);

/* Octets from the client, with LF line ends; `s->message.text` has counted them. */
void message_put(struct session *s, struct view octets);

/* What has become of it.  That it is queued is true even where it was to be refused. */
struct message_outcome {
	bool is_refused; /* `why` has a reply and a check */
	bool
	    is_dropped; /* else: it is taken, and nothing is queued (server/blackhole.h) */
	struct ruling why;
	struct submit_verdict verdict;
};

/* Its end was seen: the envelope follows, and the queue program decides.  Nothing is said to the
 * client yet; verdict_tell() does, and frees *outcome. */
void message_end(struct session *s, struct message_outcome *outcome);

/* A bare LF where none may be: answered, and the session is over (inbound 2.3). */
void message_break_off(struct session *s);

/* Is it larger than databytes already? */
bool message_is_too_large(const struct session *s);

/* The transaction is over, and with it a message that was begun. */
void message_reset(struct session *s);

void message_free(struct session *s);

#endif
