#include "send/sendsettings.h"

#include <stddef.h>

#include "config/control.h"
#include "send/destination.h"

enum {
	CONCURRENCY_LOCAL = 10,
	CONCURRENCY_REMOTE = 20,
	PER_HOST = 20,
	LIFETIME = 604800,
};

/* A line, or `fallback` where control/me gives nothing either. */
static int
read_line(const char *file, const char *heir, const char *fallback, struct str *out,
    struct problem *problem)
{
	enum answer answer = heir ? control_line_or(file, heir, out, problem)
				  : control_line(file, out, problem);

	if (answer == ANSWER_NO)
		str_set(out, view_of(fallback));
	return answer == ANSWER_ERROR ? -1 : 0;
}

static int
read_numbers(struct sendsettings *s, struct problem *problem)
{
	uint64_t dsn = 0;
	const struct {
		const char *file;
		uint64_t *number;
	} rows[] = {
		{ "control/concurrencylocal", &s->concurrency[CHANNEL_LOCAL] },
		{ "control/concurrencyremote", &s->concurrency[CHANNEL_REMOTE] },
		{ "control/concurrencyperhost", &s->per_host },
		{ "control/hostpause", &s->host_pause },
		{ "control/keptrecipients", &s->together },
		{ "control/queuelifetime", &s->lifetime },
		{ "control/bouncemaxbytes", &s->bounce_max },
		{ "control/bouncedsn", &dsn },
	};
	size_t i;

	for (i = 0; i < sizeof rows / sizeof *rows; i++)
		if (control_number(rows[i].file, rows[i].number, problem) == ANSWER_ERROR)
			return -1;
	s->bounce_dsn = dsn != 0;
	if (s->host_pause > DESTINATION_PAUSE_LIMIT)
		s->host_pause = DESTINATION_PAUSE_LIMIT;
	return 0;
}

static int
read_all(struct sendsettings *s, struct problem *problem)
{
	if (read_numbers(s, problem) < 0 ||
	    read_line("control/bouncefrom", NULL, "MAILER-DAEMON", &s->bouncefrom,
		problem) < 0 ||
	    read_line("control/bouncehost", "control/me", "bouncehost", &s->bouncehost,
		problem) < 0 ||
	    read_line("control/doublebounceto", NULL, "postmaster", &s->doublebounceto,
		problem) < 0 ||
	    read_line("control/doublebouncehost", "control/me", "doublebouncehost",
		&s->doublebouncehost, problem) < 0 ||
	    routes_read(&s->routes, problem) != ANSWER_YES)
		return -1;
	nexthops_refresh(&s->nexthops);
	return 0;
}

int
sendsettings_read(struct sendsettings *out, struct problem *problem)
{
	struct sendsettings s = {
		.concurrency = { CONCURRENCY_LOCAL, CONCURRENCY_REMOTE },
		.per_host = PER_HOST,
		.host_pause = DESTINATION_PAUSE_MAX,
		.together = 1,
		.lifetime = LIFETIME,
		.bounce_max = UINT64_MAX,
	};

	if (read_all(&s, problem) < 0) {
		sendsettings_free(&s);
		return -1;
	}
	sendsettings_free(out);
	*out = s;
	return 0;
}

void
sendsettings_free(struct sendsettings *s)
{
	str_free(&s->bouncefrom);
	str_free(&s->bouncehost);
	str_free(&s->doublebounceto);
	str_free(&s->doublebouncehost);
	routes_free(&s->routes);
	nexthops_free(&s->nexthops);
}
