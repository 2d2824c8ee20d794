#include "state/stateplan.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "state/place.h"

struct restrict_plan
stateplan(void)
{
	enum { ALL = RESTRICT_PATH_READ | RESTRICT_PATH_WRITE | RESTRICT_PATH_CREATE };
	struct restrict_plan plan = { .may = RESTRICT_READ | RESTRICT_WRITE |
		    RESTRICT_SOCKETS | RESTRICT_ACCEPT };
	struct stat st;

	/* The directory may be made anew, or be elsewhere. */
	restrict_allow(&plan, "state", ALL);
	restrict_allow_link(&plan, AT_FDCWD, PLACE_DIRECTORY, ALL);
	/* And when there is none yet, nobody knows where it will be. */
	plan.anywhere = stat(PLACE_DIRECTORY, &st) < 0;
	return plan;
}
