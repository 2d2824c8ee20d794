/* submit - hand one message to $QMAILQUEUE or bin/qmail-queue: the caller's side (inbound 1.3.9 and
 * 2.3, queue 2.4).  Shared by smtpd, inject, local and send.  The current directory must be the
 * home; SIGPIPE must be ignored. */
#ifndef QUEUE_SUBMIT_H
#define QUEUE_SUBMIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "lib/env.h"
#include "lib/str.h"
#include "lib/view.h"
#include "lib/writer.h"

enum { SUBMIT_BUFFER = 16384 };

struct submit {
	pid_t pid; /* the "qp" of replies and logs */
	struct writer message;
	int message_fd, envelope_fd, error_fd;
	bool failed; /* nothing more is written; the verdict is "qq read error" */
	char buffer[SUBMIT_BUFFER];
};

/* Start the program: descriptor 0 message, 1 envelope, 4 and 6 (and $ERROR_FD) the pipe for an
 * error text.  `env` NULL: ours.  0, or -1 with errno when pipe or spawn failed; an exec that
 * fails is no error here but exit 120 at the end, as in qmail. */
int submit_open(struct submit *s, struct env_list *env);

/* Message octets, LF line ends.  Errors stick until submit_close(). */
void submit_put(struct submit *s, struct view octets);

/* Make the program see a short envelope, so that it queues nothing (EOF in DATA, too many hops). */
void submit_fail(struct submit *s);

/* End of the message: flush it, then write the envelope: `sender`, then each recipient. */
void submit_sender(struct submit *s, struct view sender);
void submit_recipient(struct submit *s, struct view recipient);

enum submit_class { SUBMIT_OK, SUBMIT_PERMANENT, SUBMIT_TEMPORARY };

/* The verdict on an exit: class, and text without a code or line end, such as "qq write error or
 * disk full (#4.3.0)"; empty for SUBMIT_OK. */
struct submit_verdict {
	enum submit_class class;
	struct str text;
	int exit_code; /* 0 to 255; -1: killed by a signal */
};

/* Finish the envelope, wait for the program and judge (the table of inbound 2.3).  The error text
 * is read with the child's end, never waited for after it (D7); control octets in it are dropped
 * (D6).  Frees everything but the verdict. */
void submit_close(struct submit *s, struct submit_verdict *verdict);
void submit_verdict_free(struct submit_verdict *verdict);

#endif
