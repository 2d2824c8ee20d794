#include "tls/tlsplan.h"

struct restrict_plan
tlsplan(bool resident)
{
	struct restrict_plan plan = { .may = RESTRICT_READ | RESTRICT_SOCKETS };

	plan.may |= resident ? RESTRICT_ACCEPT : RESTRICT_IDS;
	restrict_allow(&plan, "/", RESTRICT_PATH_READ);
	return plan;
}
