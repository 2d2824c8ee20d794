#include "server/logdialect/logdialect.h"

/* qmail writes nothing. */
static void
format_nothing(const struct logevent *e, struct str *out)
{
	(void)e;
	(void)out;
}

static const struct {
	const char *name;
	logdialect_format *format;
} dialects[] = {
	{ "project", logdialect_project },
	{ "chkuser", logdialect_chkuser },
	{ "indimail", logdialect_indimail },
	{ "jms1", logdialect_jms1 },
	{ "ldap", logdialect_ldap },
	{ "notqmail", format_nothing },
	{ "sagredo", logdialect_sagredo },
	{ "sqmail", logdialect_sqmail },
};

logdialect_format *
logdialect_find(struct view name)
{
	size_t i;

	for (i = 0; i < sizeof dialects / sizeof *dialects; i++)
		if (view_equal(name, view_of(dialects[i].name)))
			return dialects[i].format;
	return NULL;
}
