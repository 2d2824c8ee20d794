#include "server/authrules.h"

#include <string.h>

#include "config/control.h"
#include "lib/env.h"
#include "lib/scan.h"
#include "lib/view.h"

static bool
is_number(const char *name, bool preset) /* set, and at least 1 */
{
	const char *value = env_value(name);
	uint64_t number = 0;

	if (!value)
		return preset;
	scan_u64(view_of(value), &number);
	return number > 0;
}

static void
offer(struct auth_rules *rules, bool clear_text, bool cram)
{
	rules->on = true;
	rules->offers[SASL_PLAIN] = rules->offers[SASL_LOGIN] = clear_text;
	rules->offers[SASL_CRAM_MD5] = cram;
}

/* $SMTPAUTH: "-" and "0" are off; "cram" is CRAM-MD5 alone, "+cram" all three, any other text
 * PLAIN and LOGIN, with or without a "!" in front.  Case does not matter. */
static void
read_mode(struct auth_rules *rules, struct view mode)
{
	if (view_equal(mode, VIEW("-")) || view_equal(mode, VIEW("0")))
		return;
	if (view_starts(mode, VIEW("!")))
		mode = view_from(mode, 1);
	if (view_starts_nocase(mode, VIEW("+cram")))
		offer(rules, true, true);
	else if (view_starts_nocase(mode, VIEW("cram")))
		offer(rules, false, true);
	else
		offer(rules, true, false);
}

/* jms1's patch checks passwords itself, against the hashes of that file; they cannot do CRAM-MD5. */
static bool
uses_auth_cdb(enum dialect dialect)
{
	const char *path = env_value("AUTH_CDB");

	return dialect == DIALECT_JMS1 && path && *path;
}

/* MAIL needs AUTH: whether there is a checker or not, or who forgets it has a service that takes mail
 * from anybody. */
static bool
is_required(const char *mode, enum dialect dialect)
{
	switch (dialect) {
	case DIALECT_JMS1:
		return is_number("REQUIRE_AUTH", false);
	case DIALECT_INDIMAIL:
		return is_number("REQUIREAUTH", false);
	default:
		return mode && *mode == '!';
	}
}

/* Not in clear even where TLS cannot be had. */
static bool
is_only_in_tls(const char *mode, enum dialect dialect)
{
	if (dialect == DIALECT_LDAP)
		return view_equal_nocase(view_of(mode), VIEW("TLSREQUIRED"));
	return dialect == DIALECT_INDIMAIL && is_number("SECURE_AUTH", false);
}

/* What $SMTPAUTH unset means. */
static void
preset(struct auth_rules *rules, enum dialect dialect, bool submission)
{
	switch (dialect) {
	case DIALECT_SAGREDO:
	case DIALECT_SQMAIL:
	case DIALECT_LDAP:
		if (submission)
			offer(rules, true, false);
		return;
	case DIALECT_JMS1:
		offer(rules, true,
		    is_number("ALLOW_CRAM", false) && !uses_auth_cdb(dialect));
		return;
	case DIALECT_INDIMAIL:
		offer(rules, true, true);
		return;
	case DIALECT_NOTQMAIL:
		offer(rules, true, false);
	}
}

/* indimail's switches for single mechanisms. */
static void
switch_off(struct auth_rules *rules)
{
	if (env_value("DISABLE_AUTH_LOGIN"))
		rules->offers[SASL_LOGIN] = false;
	if (env_value("DISABLE_AUTH_PLAIN"))
		rules->offers[SASL_PLAIN] = false;
	if (env_value("DISABLE_CRAM_MD5"))
		rules->offers[SASL_CRAM_MD5] = false;
}

static bool
may_be_in_clear(enum dialect dialect)
{
	switch (dialect) {
	case DIALECT_JMS1:
		return is_number("ALLOW_INSECURE_AUTH", false);
	case DIALECT_SQMAIL:
	case DIALECT_INDIMAIL:
		return true;
	default:
		return !is_number("FORCETLS", true);
	}
}

static bool
wants_twin(enum dialect dialect)
{
	uint64_t number = 0;

	if (dialect == DIALECT_JMS1 || dialect == DIALECT_INDIMAIL)
		return true;
	return control_number("control/authtwin", &number, NULL) == ANSWER_YES &&
	    number > 0;
}

void
auth_rules_read(struct auth_rules *rules, int argc, char **argv, enum dialect dialect,
    bool strict, bool submission)
{
	const char *mode = env_value("SMTPAUTH");

	memset(rules, 0, sizeof *rules);
	if (strict)
		return;
	rules->required = submission || is_required(mode, dialect);
	rules->only_in_tls = submission || is_only_in_tls(mode, dialect);
	if (uses_auth_cdb(dialect))
		checkprogram_set_authcdb(&rules->program, argc, argv);
	else
		checkprogram_from_arguments(&rules->program, argc, argv, dialect);
	rules->known = rules->program.plain[0] != NULL;
	if (!rules->known)
		return;
	if (mode && dialect != DIALECT_JMS1 && dialect != DIALECT_INDIMAIL)
		read_mode(rules, view_of(mode));
	else
		preset(rules, dialect, submission);
	if (dialect == DIALECT_INDIMAIL)
		switch_off(rules);
	if (rules->program.unsafe)
		rules->on = false;
	rules->in_clear = may_be_in_clear(dialect);
	if (dialect == DIALECT_LDAP && mode &&
	    view_equal_nocase(view_of(mode), VIEW("TLSREQUIRED")))
		rules->only_in_tls = true;
	rules->twin = wants_twin(dialect);
	rules->same_sender = is_number("FORCEAUTHMAILFROM", false);
}
