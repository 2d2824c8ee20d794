#include "state/stateplan.h"

#include <sys/stat.h>

#include "state/place.h"

struct restrict_plan
stateplan(void)
{
	struct restrict_plan plan = { .may = RESTRICT_READ | RESTRICT_WRITE |
		    RESTRICT_SOCKETS | RESTRICT_ACCEPT };
	struct stat st;

	restrict_allow(&plan, PLACE_DIRECTORY,
	    RESTRICT_PATH_READ | RESTRICT_PATH_WRITE | RESTRICT_PATH_CREATE);
	/* A place that is made later must be found too. */
	plan.anywhere = stat(PLACE_DIRECTORY, &st) < 0;
	return plan;
}
