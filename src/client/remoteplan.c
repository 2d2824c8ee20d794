#include "client/remoteplan.h"

#include <stdbool.h>
#include <sys/stat.h>

#include "config/leastprivilege.h"
#include "wire/helper.h"

struct restrict_plan
remoteplan(struct arena *mem)
{
	struct restrict_plan plan = { .may = RESTRICT_READ | RESTRICT_WRITE |
		    RESTRICT_SOCKETS | RESTRICT_UNIX | RESTRICT_INET | RESTRICT_ROUTES };

	leastprivilege_allow_control(&plan, mem);
	restrict_allow(&plan, "users", RESTRICT_PATH_READ);
	restrict_allow(&plan, "/etc", RESTRICT_PATH_READ);
	restrict_allow(&plan, "queue/lock", RESTRICT_PATH_READ | RESTRICT_PATH_WRITE);
	return plan;
}

/* Without a store nobody asks for what is in it. */
static bool
is_served(void)
{
	struct stat st;

	return helper_is_resident("dns") && helper_is_resident("tlsc") &&
	    (stat("state/db", &st) < 0 || helper_is_resident("state"));
}

static bool
is_brokered(struct broker *b)
{
	struct broker_commands commands = { 0 };
	struct str reason = { 0 };
	bool agreed;

	if (!broker_reach(b, "brokerc"))
		return false;
	brokercommands_add_line(&commands, VIEW("bin/qmail-dns"));
	brokercommands_add_line(&commands, VIEW("bin/qmail-tls client"));
	brokercommands_add_line(&commands, VIEW("bin/qmail-state"));
	agreed = broker_agree(b, &commands, &reason);
	if (agreed)
		broker_use(b);
	brokercommands_free(&commands);
	str_free(&reason);
	return agreed;
}

int
remoteplan_enter(struct broker *b)
{
	struct restrict_plan plan;
	struct arena mem = { 0 };
	int result = 0;

	if (is_served() || is_brokered(b)) {
		plan = remoteplan(&mem);
		result = leastprivilege_enter(&plan);
	}
	arena_free(&mem);
	return result;
}
