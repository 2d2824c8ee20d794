/* submit - hand one message to $QMAILQUEUE or bin/qmail-queue: the caller's side (inbound 1.3.9 and
 * 2.3, queue 2.4).  Shared by smtpd, inject, local and send.  The current directory must be the
 * home; SIGPIPE must be ignored. */
#ifndef QUEUE_SUBMIT_H
#define QUEUE_SUBMIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "lib/deadline.h"
#include "lib/env.h"
#include "lib/str.h"
#include "lib/view.h"

enum {
	SUBMIT_BUFFER = 32 * 1024,
	SUBMIT_TEXT_MAX =
	    255, /* of an error text, its class letter included (inbound 2.3) */
};

struct submit {
	pid_t
	    pid; /* the "qp" of replies and logs; 0 when the program could not be executed */
	int message_fd, envelope_fd, error_fd;
	int child_fd; /* can be read once the program has ended (pidfd); -1: none */
	struct deadline
	    deadline; /* until when the program is waited for; never at first */
	bool
	    given_up; /* the deadline has passed: it was killed, the verdict is "qq timeout" */
	bool failed;      /* nothing more is written; the verdict is "qq read error" */
	bool exec_failed; /* the verdict is "unable to exec qq" */
	bool in_envelope; /* submit_sender() was called: `buffer` is of the envelope */
	uint64_t octets;  /* of the message so far, as given to submit_put() */
	size_t used;      /* of `buffer` */
	size_t text_len;  /* of `text` */
	char buffer[SUBMIT_BUFFER];
	char text[SUBMIT_TEXT_MAX];
};

/* Start the program: descriptor 0 message, 1 envelope, 4 and 6 (and $ERROR_FD) the pipe for an
 * error text.  `env` NULL: ours; $QMAILQUEUE and $ERROR_FD are looked up in the one that the child
 * gets.  0, or -1 with errno when pipe or spawn failed (then nothing is to be closed); an exec
 * that fails is no error here but exit 120 at the end, as in qmail. */
int submit_open(struct submit *s, struct env_list *env);

/* Message octets, LF line ends.  Errors stick until submit_close().  Before the program has read
 * everything this blocks as long as it takes: qmail-queue gives up after 24 hours.  What stands in
 * for it may hang; a caller that must end itself sets the deadline behind submit_open(). */
void submit_put(struct submit *s, struct view octets);

/* Make the program see a short envelope, so that it queues nothing (EOF in DATA, too many hops). */
void submit_fail(struct submit *s);

/* End of the message: flush it, then write the envelope: `sender`, then each recipient.  An
 * address with a NUL in it would become two records: it is submit_fail(). */
void submit_sender(struct submit *s, struct view sender);
void submit_recipient(struct submit *s, struct view recipient);

enum submit_class { SUBMIT_OK, SUBMIT_PERMANENT, SUBMIT_TEMPORARY };

/* The verdict on an exit: class, and text without a code or line end, such as "qq write error or
 * disk full (#4.3.0)"; empty for SUBMIT_OK. */
struct submit_verdict {
	enum submit_class class;
	struct str text;
	int exit_code; /* 0 to 255; -1: killed by a signal, or waiting for it failed */
	char
	    letter; /* what a custom text began with ('D', 'Z', jms1's 'I'); 0 without one */
};

/* Finish the envelope, wait for the program and judge (the table of inbound 2.3).  The error text
 * is read with the child's end, never waited for after it (D7); control octets in it are dropped
 * (D6).  Frees everything but the verdict, and may be called once after submit_open() gave 0. */
void submit_close(struct submit *s, struct submit_verdict *verdict);
void submit_verdict_free(struct submit_verdict *verdict);

enum { SUBMIT_CRASHED = -1, SUBMIT_WAIT_FAILED = -2 }; /* instead of an exit code */

/* The table alone: what exit `code` of the program means, `text` being what it wrote.  *verdict is
 * replaced; what it held is not freed. */
void submit_judge(int code, struct view text, struct submit_verdict *verdict);

#endif
