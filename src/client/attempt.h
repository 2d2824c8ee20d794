/* attempt - one try of a delivery at one address: what all of its steps know, and how it is reported. */
#ifndef CLIENT_ATTEMPT_H
#define CLIENT_ATTEMPT_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "client/clearmemory.h"
#include "client/controls.h"
#include "client/report.h"
#include "client/session.h"
#include "client/targets.h"
#include "client/watch.h"
#include "route/authrules.h"
#include "route/routetable.h"
#include "tlspolicy/tlschoice.h"
#include "wire/helper.h"

struct recipient {
	struct view address;
	bool forbidden; /* never sent; rejected by us */
	bool too_long;  /* likewise: no SMTP command can hold it */
	bool left_over; /* not sent now: the server takes no more at a time */
};

/* What there is to deliver, to whom and how.  The same for all addresses. */
struct task {
	struct view host;
	struct view sender;        /* as it goes over the wire */
	struct view routed_sender; /* by which the route was chosen */
	struct recipient *recipients;
	size_t recipient_count;
	int message; /* descriptor of the message in the queue's form */
	struct controls controls;
	struct route route;
	struct control_list tlsdestinations; /* the file, empty if there is none */
	struct resolver *resolver;
	struct deadline end;
	const struct watch *watch; /* NULL, unless it is only rehearsed */
};

/* What a transaction leaves, if the session is still open. */
enum transaction_end {
	TRANSACTION_NONE,    /* there was none, or the session is no good for another */
	TRANSACTION_CLEAN,   /* the server waits for MAIL */
	TRANSACTION_ABORTED, /* likewise, once RSET was accepted */
	TRANSACTION_STALE, /* before the reply to DATA, the session turned out to be over: on a
	                      * session that was used before, a new one may do */
};

/* One address of it. */
struct attempt {
	struct task *task;
	const struct target *target;
	struct str peer; /* its IP, as reports write it */
	struct tlschoice tls;
	struct helper tls_helper;
	bool clear_allowed; /* the credential may go without TLS */
	bool tls_settled;   /* there is a result of TLS to be noted (tlsnote.h), these: */
	const char *tls_result;
	struct str tls_words, own_ip;
	struct clearmemory *clear_memory; /* NULL: none of our own */
	struct session session;
	bool reused; /* the session had a delivery before this one */
	/* What the server takes at a time is enough: the task's other recipients are cut off. */
	off_t message_end; /* see message.h */
	bool cut_to_limit;
	enum transaction_end ended;
	/* Called before the final dot of a message is sent; may be NULL. */
	void (*before_dot)(void *context);
	void *context;
	struct pacing *pacing; /* may be NULL */
	struct report *report;
	struct detail *detail; /* of the session; NULL: not wanted */
};

enum attempt_result {
	ATTEMPT_CONTROLS,  /* a control file is unreadable or broken; not reported */
	ATTEMPT_TRY_NEXT,  /* reported, but another address may do better */
	ATTEMPT_TRY_OTHER, /* likewise, but no address of this relay: another relay */
	ATTEMPT_REFUSED,   /* likewise, but none that is the same server's */
	ATTEMPT_DONE,      /* reported */
};

/* Once, before the first. */
void attempt_init(struct attempt *a, struct task *task, struct report *report);

/* The same task as far as the control files tell: what they say of TLS with this target, now.
 * ANSWER_ERROR with `problem`. */
enum answer attempt_choose_tls(const struct task *task, const struct target *target,
    struct tlschoice *out, bool *clear_allowed, struct problem *problem);

/* Another task, over the open session. */
void attempt_reuse(struct attempt *a, struct task *task, struct report *report);

void attempt_free(struct attempt *a);

/* "Connected to PEER AFTER", with the reply unless it is NULL. */
void attempt_report(struct attempt *a, enum report_letter letter, const char *after,
    const struct remotereply *reply);
/* Z 4.7.5: what TLS has to be was not had. */
void attempt_report_policy(
    struct attempt *a, struct view detail, const struct remotereply *reply);
/* "BEFORE PEER AFTER" with the last reply, which says whether it is for good. */
void attempt_report_failure(struct attempt *a, const char *before, const char *after);
/* Z 4.4.2. */
void attempt_report_death(struct attempt *a);

bool attempt_has_credential(const struct attempt *a);

#endif
