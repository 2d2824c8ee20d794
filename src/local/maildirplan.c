#include "local/maildirplan.h"

struct restrict_plan
maildirplan(int dir, int root)
{
	enum {
		ALL = RESTRICT_PATH_READ | RESTRICT_PATH_WRITE | RESTRICT_PATH_CREATE |
		    RESTRICT_PATH_MOVE,
	};
	struct restrict_plan plan = { .may = RESTRICT_READ | RESTRICT_WRITE };

	restrict_allow_directory(&plan, dir, ALL);
	restrict_allow_link(&plan, dir, "tmp", ALL);
	restrict_allow_link(&plan, dir, "new", ALL);
	if (root >= 0 && root != dir)
		restrict_allow_directory(&plan, root, ALL);
	return plan;
}
