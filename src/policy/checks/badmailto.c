/* badmailto - what older toasters call badrcptto: regular expressions in every dialect. */
#include "policy/check.h"

enum verdict
check_badmailto(const struct question *q, struct ruling *why)
{
	enum verdict verdict = check_badrcptto(q, why);

	if (verdict == VERDICT_REJECT)
		reply_set(&why->reply, 553, "5.7.1",
		    "sorry, your envelope recipient has been denied");
	return verdict;
}
