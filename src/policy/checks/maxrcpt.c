/* maxrcpt - so many recipients in a message, and no more.  The one too many is not taken (D25), and
 * may come with the next message.
 *
 * In jms1's dialect every RCPT counts, and a number below 100 is 100. */
#include "policy/check.h"

enum { JMS1_LEAST = 100 };

uint64_t
check_maxrcpt_most(enum dialect dialect, uint64_t number)
{
	return dialect == DIALECT_JMS1 && number && number < JMS1_LEAST ? JMS1_LEAST
									: number;
}

enum verdict
check_maxrcpt(const struct question *q, struct ruling *why)
{
	uint64_t most = check_maxrcpt_most(q->dialect, q->list->number);
	uint64_t before = q->dialect == DIALECT_JMS1 ? q->tools->rcpt_commands - 1
						     : q->tools->recipients;

	if (most == 0 || before < most)
		return VERDICT_PASS;
	reply_set(&why->reply, 452, "5.7.1", "max rcpt limit exceeded");
	return VERDICT_DEFER;
}
