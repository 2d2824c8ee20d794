/* What is well-formed, and hardly what anybody means: nothing else says so before mail waits or comes in. */
#include "check/check.h"

#include <errno.h>

#include "srs/rules.h"

enum { HOUR = 3600 };

/* --- expressions where names are listed ----------------------------------------------------------- */

/* Octets that an expression has and hardly an address: not '+' and '?', which addresses have, nor the
 * brackets of a literal. */
static bool
is_like_expression(struct view line)
{
	static const char marks[] = "*^$|()\\";
	size_t i;

	for (i = 0; i < sizeof marks - 1; i++)
		if (view_index(line, marks[i]) < line.len)
			return true;
	return false;
}

/* "example.org" among addresses. */
static bool
is_bare_domain(struct view line)
{
	return view_index(line, '@') == line.len && view_index(line, '.') < line.len;
}

static void
check_names_of(struct check *c, const char *path, bool of_addresses)
{
	struct control_list list = { 0 };
	size_t i;

	check_list_of(c, path, &list);
	for (i = 0; i < list.count; i++) {
		const struct control_entry *e = &list.entries[i];

		if (is_like_expression(e->text))
			finding_add(&c->out, FINDING_WARNING, path, e->line,
			    "where it comes from a patched qmail, say from which: "
			    "control/dialect",
			    "an expression, and here is a list of names: it refuses "
			    "nobody",
			    (char *)NULL);
		else if (of_addresses && is_bare_domain(e->text))
			finding_add(&c->out, FINDING_WARNING, path, e->line,
			    "@example.org is everybody there",
			    "a domain without '@' before it refuses nobody",
			    (char *)NULL);
	}
	control_list_free(&list);
}

static void
check_wildcards(struct check *c, const char *path)
{
	struct control_list list = { 0 };
	size_t i;

	check_list_of(c, path, &list);
	for (i = 0; i < list.count; i++)
		if (list.entries[i].text.at[0] == '*')
			finding_add(&c->out, FINDING_WARNING, path, list.entries[i].line,
			    ".example.org is what is below it; an empty name is all mail",
			    "there are no wildcards: it matches nothing", (char *)NULL);
	control_list_free(&list);
}

/* In the other dialects the lines are patterns of some kind. */
static void
check_expressions(struct check *c)
{
	if (c->dialect != DIALECT_NOTQMAIL && c->dialect != DIALECT_LDAP)
		return;
	check_names_of(c, "control/badhelo", false);
	check_names_of(c, "control/badmailfrom", true);
	check_names_of(c, "control/badrcptto", true);
}

/* --- what stops mail ------------------------------------------------------------------------------ */

static void
check_held(struct check *c, const char *path, const char *text)
{
	uint64_t number = 1;

	if (control_number(path, &number, NULL) == ANSWER_YES && number == 0)
		finding_add(&c->out, FINDING_WARNING, path, 1,
		    "remove the file when mail is to go on", text, (char *)NULL);
}

static void
check_lifetime(struct check *c)
{
	uint64_t seconds = HOUR;

	if (control_number("control/queuelifetime", &seconds, NULL) == ANSWER_YES &&
	    seconds < HOUR)
		finding_add(&c->out, FINDING_WARNING, "control/queuelifetime", 1,
		    "it is in seconds; 604800 is a week",
		    "less than an hour: mail is returned where a server greylists, or is "
		    "down for a moment",
		    (char *)NULL);
}

/* More than the highest level counts as that, which refuses also senders without any policy. */
static void
check_spf(struct check *c)
{
	uint64_t level = 0;

	if (control_number("control/spfbehavior", &level, NULL) == ANSWER_YES &&
	    level > 6)
		finding_add(&c->out, FINDING_WARNING, "control/spfbehavior", 1,
		    "a level from 0 to 6; 3 refuses what a policy calls a failure",
		    "more than the highest level, 6: whoever has no policy is refused, "
		    "too",
		    (char *)NULL);
}

/* SRS that is on and cannot be done. */
static void
check_srs(struct check *c)
{
	struct srs_rules rules = { .always = false };
	struct problem problem;

	if (srs_rules_read(&rules, &problem) == ANSWER_ERROR && problem.error != EACCES)
		finding_problem(&c->out, FINDING_ERROR, &problem,
		    "as control/srs_domain is there, mail that users forward has to "
		    "wait: "
		    "srsfilter(1)");
	srs_rules_free(&rules);
}

void
check_unmeant(struct check *c)
{
	check_expressions(c);
	check_wildcards(c, "control/smtproutes");
	check_held(c, "control/concurrencylocal", "0 holds all local mail");
	check_held(c, "control/concurrencyremote", "0 holds all remote mail");
	check_lifetime(c);
	check_spf(c);
	check_srs(c);
}
