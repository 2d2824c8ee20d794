#include "server/authvariables.h"

#include <stdlib.h>
#include <string.h>

#include "config/variables.h"
#include "lib/env.h"
#include "server/log.h"
#include "server/session.h"

/* What an entry of auth.before is for a variable that was not set: no value can begin so. */
static const char was_unset[] = "\n";

/* `value` NULL: unset it. */
static void
change(struct session *s, const char *name, const char *value)
{
	const char *old = env_value(name);

	if (!env_list_value(&s->auth.before, name))
		env_list_set(&s->auth.before, name, view_of(old ? old : was_unset));
	if (value) {
		setenv(name, value, 1);
		env_list_set(session_environment(s), name, view_of(value));
	} else {
		unsetenv(name);
		env_list_unset(session_environment(s), name);
	}
	if (strcmp(name, "RELAYCLIENT") == 0)
		s->relay_client = env_value(name);
}

static void
change_by(struct session *s, struct view name, const struct view *value)
{
	struct str n = { 0 }, v = { 0 };

	if (!variables_allow(name)) {
		log_warning(&s->log, "AUTH may not change this variable", name);
		return;
	}
	str_set(&n, name);
	if (value)
		str_set(&v, *value);
	change(s, str_text(&n), value ? str_text(&v) : NULL);
	str_free(&n);
	str_free(&v);
}

/* AUTH_SET_NAME=value, AUTH_UNSET_NAME=... */
static void
apply_entry(struct session *s, const char *entry)
{
	const struct view set = VIEW("AUTH_SET_"), unset = VIEW("AUTH_UNSET_");
	struct view name, value;

	if (!view_cut(view_of(entry), '=', &name, &value))
		return;
	if (view_starts(name, set))
		change_by(s, view_from(name, set.len), &value);
	else if (view_starts(name, unset))
		change_by(s, view_from(name, unset.len), NULL);
}

static bool
reread(struct session *s)
{
	struct problem problem;

	s->mfcheck = (struct session_mfcheck) { 0 };
	s->tarpit = (struct session_tarpit) { 0 };
	spf_free(&s->spf);
	if (settings_reread(s->settings, &problem) == ANSWER_YES)
		return true;
	session_no_controls(s, &problem);
	return false;
}

bool
authvariables_apply(struct session *s)
{
	struct view lines = str_view(&s->auth.senders), name, value;
	struct env_list environment = { 0 };
	size_t i;

	env_list_inherit(&environment); /* ours changes meanwhile */
	for (i = 0; i < environment.count; i++)
		apply_entry(s, environment.entries[i]);
	env_list_free(&environment);
	for (i = 0; i < VARIABLES_MAX && variables_next(&lines, &name, &value); i++)
		change_by(s, name, &value);
	return s->auth.before.count == 0 || reread(s);
}

void
authvariables_undo(struct session *s)
{
	struct env_list *before = &s->auth.before;
	size_t i;

	if (before->count == 0)
		return;
	for (i = 0; i < before->count; i++) {
		char *entry = before->entries[i], *equals = strchr(entry, '=');

		*equals = '\0';
		if (strcmp(equals + 1, was_unset) == 0)
			unsetenv(entry);
		else
			setenv(entry, equals + 1, 1);
		*equals = '=';
	}
	env_list_free(before);
	reread(s);
}
