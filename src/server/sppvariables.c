#include "server/sppvariables.h"

#include <string.h>

enum {
	OCTETS_MAX = 262144, /* that our environment may grow by in a session */
};

/* Somebody may still look at what has stood in our environment: an entry is kept to the end. */
struct spp_variable {
	struct spp_variable *next;
	const char *name;
	char *entry; /* "NAME=value" */
};

static bool
has_value(const char *name, struct view value)
{
	const char *now = env_value(name);

	return now && view_equal(view_of(now), value);
}

static void
put(struct session_spp *spp, const char *name, struct view value)
{
	struct spp_variable *v = arena_alloc(&spp->variables, sizeof *v);
	struct str entry = { 0 };

	str_append_text(&entry, name);
	str_append_byte(&entry, '=');
	str_append(&entry, value);
	spp->variable_octets += entry.len;
	v->name = arena_copy(&spp->variables, view_of(name)).at;
	v->entry = arena_alloc(&spp->variables, entry.len + 1);
	memcpy(v->entry, entry.at, entry.len + 1);
	v->next = spp->first_variable;
	spp->first_variable = v;
	env_put(v->entry);
	str_free(&entry);
}

/* What was read at the start. */
static bool
take_effect(struct session *s, const char *name)
{
	struct problem problem;

	if (strcmp(name, "RELAYCLIENT") == 0)
		s->relay_client = s->settings->relay_client = env_value(name);
	else if (strcmp(name, "DATABYTES") == 0 &&
	    settings_read_databytes(s->settings, &problem) == ANSWER_ERROR) {
		session_no_controls(s, &problem);
		return false;
	}
	return true;
}

bool
sppvariables_set(struct session *s, struct view name, struct view value)
{
	struct session_spp *spp = &s->spp;
	struct str text = { 0 };
	bool good = true;

	str_set(&text, name);
	env_list_set(session_environment(s), text.at, value);
	if (!has_value(text.at, value) &&
	    spp->variable_octets + name.len + value.len >= OCTETS_MAX) {
		log_warning(
		    &s->log, "plugins set too much, this is for children only", name);
	} else {
		if (!has_value(text.at, value))
			put(spp, text.at, value);
		good = take_effect(s, text.at);
	}
	str_free(&text);
	return good;
}

bool
sppvariables_unset(struct session *s, struct view name)
{
	struct str text = { 0 };
	bool good;

	str_set(&text, name);
	env_list_unset(session_environment(s), text.at);
	env_unset(text.at);
	good = take_effect(s, text.at);
	str_free(&text);
	return good;
}

void
sppvariables_free(struct session_spp *spp)
{
	const struct spp_variable *v;

	for (v = spp->first_variable; v; v = v->next)
		env_unset(v->name);
	arena_free(&spp->variables);
}
