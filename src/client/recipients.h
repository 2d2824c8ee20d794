/* recipients - which of a delivery's recipients go into a transaction, and what is said of the
 * others. */
#ifndef CLIENT_RECIPIENTS_H
#define CLIENT_RECIPIENTS_H

#include <stdbool.h>

#include "client/attempt.h"

#define RECIPIENT_FORBIDDEN \
	"Sorry, that envelope address contains forbidden bytes. (#5.1.3)"

/* How many octets a command may have, with its line end (RFC 5321 4.5.3.1.4). */
enum { COMMAND_MAX = 512 };

/* Before the transaction: note whom no command can name, and who is beyond RCPTMAX and RCPTDOMAINMAX
 * of what the server offers (RFC 9422). */
void recipients_fit(struct task *task, const struct capabilities *offers);

/* Is there a command for this one? */
bool recipient_is_sent(const struct recipient *r);

/* How many of the first `count` there is a command for. */
size_t recipients_sent(const struct task *task, size_t count);

/* The report of one that there is none for. */
void recipient_report_unsent(struct report *report, const struct recipient *r);

#endif
