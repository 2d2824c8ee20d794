#include "check/daemon.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "lib/env.h"
#include "lib/scan.h"
#include "server/settings.h"

static void
say(struct check *c, const struct daemon *d, enum finding_level level, const char *hint,
    const char *text, const char *more)
{
	finding_add(&c->out, level, d->place, d->line, hint, text, more, (char *)NULL);
}

/* A path that is named must be there; others are found in $PATH. */
static void
check_program(struct check *c, const struct daemon *d, const char *path)
{
	if (path && strchr(path, '/') && access(path, F_OK) < 0 && errno == ENOENT)
		say(c, d, FINDING_ERROR, "name one that is there", "there is no program ",
		    path);
}

static bool
has_certificate(void)
{
	const char *path = env_value("TLS_SERVER_CERT");

	return check_has(path && *path ? path : "control/servercert.pem") ||
	    env_value("UCSPITLS") || env_value("SSL");
}

static void
check_auth(struct check *c, const struct daemon *d, const struct settings *s)
{
	const struct auth_rules *auth = &s->auth;

	if (auth->required && !auth->known)
		say(c, d, FINDING_ERROR,
		    "put a program that checks passwords behind qmail-smtpd",
		    "AUTH is required, and nobody can log in: no program checks "
		    "passwords",
		    "");
	if (auth->program.unsafe)
		say(c, d, FINDING_ERROR, "qmail-smtpd CHECKER true",
		    "AUTH is refused: ", auth->program.unsafe);
	else if (auth->known)
		check_program(c, d, auth->program.plain[0]);
	if (!auth->on || auth->only_in_tls)
		return;
	if (!has_certificate())
		say(c, d, FINDING_WARNING, "make control/servercert.pem",
		    "AUTH is offered without TLS: passwords go in clear", "");
	else if (auth->in_clear)
		say(c, d, FINDING_WARNING, "FORCETLS=1, or leave it out",
		    "AUTH is offered in clear, too, although there is TLS", "");
}

static void
check_tls(struct check *c, const struct daemon *d, const struct settings *s)
{
	const char *off = env_value("DISABLETLS"), *deny = env_value("DENY_TLS"),
		   *smtps = env_value("SMTPS"), *force = env_value("FORCE_TLS");
	bool is_off = (off && *off && *off != '0') || (deny && *deny && *deny != '0');
	bool wanted = s->submission || (smtps && *smtps) ||
	    (force && *force && *force != '0' &&
		(s->dialect == DIALECT_JMS1 || s->dialect == DIALECT_INDIMAIL));

	if (wanted && !has_certificate())
		say(c, d, d->waits ? FINDING_NOTE : FINDING_ERROR,
		    "put key and certificate into it",
		    "TLS is required, but there is no control/servercert.pem", "");
	else if (wanted && is_off)
		say(c, d, FINDING_ERROR, "leave one of both out",
		    "TLS is required and switched off at once", "");
	if (s->submission && env_value("SMTPAUTH") &&
	    view_equal(view_of(env_value("SMTPAUTH")), VIEW("-")))
		say(c, d, FINDING_ERROR, "leave SMTPAUTH out",
		    "a submission service whose AUTH is switched off", "");
}

static void
check_relaying(struct check *c, const struct daemon *d)
{
	if (env_value("RELAYCLIENT"))
		say(c, d, FINDING_ERROR, "set it in tcprules, for your own clients",
		    "an OPEN RELAY: RELAYCLIENT is set for every client", "");
}

void
daemon_check(struct check *c, struct daemon *d)
{
	static char name[] = "qmail-smtpd";
	static char *alone[] = { name, NULL };
	struct settings settings = { .timeout = 0 };
	struct problem problem = { 0 };
	size_t i;

	for (i = 0; i < d->count; i++)
		env_put(d->variables[i]);
	/* what is wrong with control files was said; here it is about variables */
	if (settings_read(&settings, d->argc ? d->argc : 1, d->argc ? d->argv : alone,
		&problem) != ANSWER_ERROR) {
		check_auth(c, d, &settings);
		check_tls(c, d, &settings);
	} else if (!strchr(problem.where, '/')) {
		say(c, d, FINDING_ERROR, "as it is, qmail-smtpd answers 421",
		    problem.where, ": of no use");
	}
	check_relaying(c, d);
	check_program(c, d, env_value("QMAILQUEUE"));
	check_program(c, d, env_value("RCPTCHECK"));
	settings_free(&settings);
	for (i = 0; i < d->count; i++) {
		struct view entry = view_of(d->variables[i]);
		struct str variable = { 0 };

		str_set(&variable, view_first(entry, view_index(entry, '=')));
		env_unset(str_text(&variable));
		str_free(&variable);
	}
}
