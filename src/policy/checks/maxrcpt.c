/* maxrcpt - so many recipients in a message, and no more.  The one too many is not taken (D25), and
 * may come with the next message.
 *
 * In jms1's dialect every RCPT counts, and a number below 100 is 100. */
#include "policy/check.h"

enum { JMS1_LEAST = 100 };

enum verdict
check_maxrcpt(const struct question *q, struct ruling *why)
{
	uint64_t before = q->tools->recipients, most = q->list->number;

	if (q->dialect == DIALECT_JMS1) {
		before = q->tools->rcpt_commands - 1;
		most = most && most < JMS1_LEAST ? JMS1_LEAST : most;
	}
	if (most == 0 || before < most)
		return VERDICT_PASS;
	reply_set(&why->reply, 452, "5.7.1", "max rcpt limit exceeded");
	return VERDICT_DEFER;
}
