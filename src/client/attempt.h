/* attempt - one try of a delivery at one address: connect, hello, TLS, AUTH, transaction. */
#ifndef CLIENT_ATTEMPT_H
#define CLIENT_ATTEMPT_H

#include <stdbool.h>
#include <stddef.h>

#include "client/authrules.h"
#include "client/controls.h"
#include "client/report.h"
#include "client/routetable.h"
#include "client/session.h"
#include "client/targets.h"
#include "client/tlschoice.h"
#include "wire/helper.h"

struct recipient {
	struct view address;
	bool forbidden; /* never sent; rejected by us */
};

/* What there is to deliver, to whom and how.  The same for all addresses. */
struct task {
	struct view host, sender; /* the sender as it goes over the wire */
	const struct recipient *recipients;
	size_t recipient_count;
	int message; /* descriptor of the message in the queue's form */
	struct controls controls;
	struct route route;
	struct deadline end;
};

/* One address of it. */
struct attempt {
	struct task *task;
	const struct target *target;
	bool was_timing_out; /* tcpto has its address: to be cleared when it answers */
	struct str peer;     /* its IP, as reports write it */
	struct tlschoice tls;
	struct helper tls_helper;
	bool clear_allowed; /* the credential may go without TLS */
	struct session session;
	struct report *report;
};

enum attempt_result {
	ATTEMPT_NO_CONNECTION, /* the report is as it was; errno says why */
	ATTEMPT_NO_SOCKET,     /* reported; so it would be with every other address */
	ATTEMPT_NO_BIND,       /* likewise */
	ATTEMPT_CONTROLS,      /* a control file is unreadable or broken; not reported */
	ATTEMPT_TRY_NEXT,      /* reported, but another address may do better */
	ATTEMPT_DONE,          /* reported */
};

/* Once, before the first. */
void attempt_init(struct attempt *a, struct task *task, struct report *report);

/* Take over from `target`.  The session is closed afterwards; credentials are wiped on
 * ATTEMPT_DONE. */
enum attempt_result attempt_run(
    struct attempt *a, const struct target *target, struct problem *problem);

void attempt_free(struct attempt *a);

/* "Connected to PEER AFTER", with the reply unless it is NULL. */
void attempt_report(struct attempt *a, enum report_letter letter, const char *after,
    const struct remotereply *reply);
/* Z 4.4.2. */
void attempt_report_death(struct attempt *a);

bool attempt_has_credential(const struct attempt *a);

#endif
