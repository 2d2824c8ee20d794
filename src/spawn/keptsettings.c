#include "spawn/keptsettings.h"

#include <stddef.h>

#include "config/control.h"
#include "config/limits.h"
#include "wire/kept.h"

enum { SECONDS_MAX = 86400, SESSIONS_MAX = 200 };

static const struct {
	const char *path;
	size_t offset;
	uint64_t usual, max;
} rows[] = {
	{ "control/keptmessages", offsetof(struct keptsettings, messages), 100,
	    UINT32_MAX },
	{ "control/keptidle", offsetof(struct keptsettings, idle), 5, SECONDS_MAX },
	{ "control/keptage", offsetof(struct keptsettings, age), 300, SECONDS_MAX },
	{ "control/keptsessions", offsetof(struct keptsettings, sessions), 32,
	    SESSIONS_MAX },
	{ "control/keptrecipients", offsetof(struct keptsettings, recipients), 1,
	    KEPT_RECIPIENTS_MAX },
	{ "control/concurrencyperhost", offsetof(struct keptsettings, connections), 20,
	    UINT32_MAX },
	{ "control/concurrencyremote", offsetof(struct keptsettings, deliveries), 20,
	    UINT32_MAX },
	{ "control/logdetail", offsetof(struct keptsettings, detail), 0, 1 },
};

enum answer
keptsettings_read(struct keptsettings *out, struct problem *problem)
{
	struct keptsettings read = { 0 };
	struct limits limits;
	size_t i;

	if (limits_read(&limits, problem) == ANSWER_ERROR)
		return ANSWER_ERROR;
	read.delivery = limits.delivery < SECONDS_MAX ? limits.delivery : SECONDS_MAX;
	for (i = 0; i < sizeof rows / sizeof *rows; i++) {
		uint64_t number = rows[i].usual;

		if (control_number(rows[i].path, &number, problem) == ANSWER_ERROR)
			return ANSWER_ERROR;
		*(uint64_t *)(void *)((char *)&read + rows[i].offset) =
		    number < rows[i].max ? number : rows[i].max;
	}
	*out = read;
	return ANSWER_YES;
}
