#include "ares/dnsplan.h"

struct restrict_plan
dnsplan(void)
{
	enum { HOLDER = RESTRICT_PATH_READ | RESTRICT_PATH_HOLDER };
	struct restrict_plan plan = { .may = RESTRICT_READ | RESTRICT_SOCKETS |
		    RESTRICT_INET | RESTRICT_ACCEPT };

	restrict_allow(&plan, "control", RESTRICT_PATH_READ);
	restrict_allow(&plan, "control/resolvers", HOLDER);
	/* Network managers write the file anew below /run, and their directories too. */
	restrict_allow(&plan, "/etc", RESTRICT_PATH_READ);
	restrict_allow(&plan, "/run", RESTRICT_PATH_READ);
	restrict_allow(&plan, "/etc/resolv.conf", HOLDER);
	restrict_allow(&plan, "/dev/urandom", RESTRICT_PATH_READ); /* c-ares */
	return plan;
}
