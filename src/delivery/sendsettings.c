#include "delivery/sendsettings.h"

#include "config/control.h"

enum {
	CONCURRENCY_LOCAL = 10,
	CONCURRENCY_REMOTE = 20,
	LIFETIME = 604800,
};

/* A line, or `fallback` where control/me gives nothing either. */
static int
read_line(const char *file, const char *heir, const char *fallback, struct str *out)
{
	enum answer answer =
	    heir ? control_line_or(file, heir, out, NULL) : control_line(file, out, NULL);

	if (answer == ANSWER_NO)
		str_set(out, view_of(fallback));
	return answer == ANSWER_ERROR ? -1 : 0;
}

static int
read_number(const char *file, uint64_t *out)
{
	return control_number(file, out, NULL) == ANSWER_ERROR ? -1 : 0;
}

int
sendsettings_read(struct sendsettings *out)
{
	*out = (struct sendsettings) {
		.concurrency = { CONCURRENCY_LOCAL, CONCURRENCY_REMOTE },
		.lifetime = LIFETIME,
		.bounce_max = UINT64_MAX,
	};
	if (read_number("control/concurrencylocal", &out->concurrency[CHANNEL_LOCAL]) <
		0 ||
	    read_number("control/concurrencyremote", &out->concurrency[CHANNEL_REMOTE]) <
		0 ||
	    read_number("control/queuelifetime", &out->lifetime) < 0 ||
	    read_number("control/bouncemaxbytes", &out->bounce_max) < 0)
		return -1;
	if (read_line("control/bouncefrom", NULL, "MAILER-DAEMON", &out->bouncefrom) <
		0 ||
	    read_line(
		"control/bouncehost", "control/me", "bouncehost", &out->bouncehost) < 0 ||
	    read_line(
		"control/doublebounceto", NULL, "postmaster", &out->doublebounceto) < 0 ||
	    read_line("control/doublebouncehost", "control/me", "doublebouncehost",
		&out->doublebouncehost) < 0)
		return -1;
	return routes_read(&out->routes, NULL) == ANSWER_YES ? 0 : -1;
}

static void
replace(struct route_table *old, const struct route_table *new)
{
	route_table_free(old);
	*old = *new;
}

int
sendsettings_reread(struct sendsettings *s, const char **file)
{
	struct route_table locals = { 0 }, virtualdomains = { 0 };

	if (route_table_read("control/locals", "control/me", 0, &locals, NULL) !=
	    ANSWER_YES) {
		*file = "control/locals";
		return -1;
	}
	if (route_table_read("control/virtualdomains", NULL, ':', &virtualdomains,
		NULL) == ANSWER_ERROR) {
		route_table_free(&locals);
		*file = "control/virtualdomains";
		return -1;
	}
	replace(&s->routes.locals, &locals);
	replace(&s->routes.virtualdomains, &virtualdomains);
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
}
