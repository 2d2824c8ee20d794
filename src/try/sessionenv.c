#include "try/sessionenv.h"

#include "lib/env.h"

static void
put(struct str *entry, const char *name, struct view value)
{
	str_append_text(entry, name);
	str_append_byte(entry, '=');
	str_append(entry, value);
	str_append_byte(entry, '\0');
	env_put(entry->at);
}

/* Nothing of the caller's but the way to the home and to programs. */
static void
clear_environment(void)
{
	static const char *const kept[] = { "PATH", "QMAILHOME" };
	struct env_list ours = { 0 };
	size_t i, k;

	env_list_inherit(&ours);
	for (i = 0; i < ours.count; i++) {
		struct view name = view_first(
		    view_of(ours.entries[i]), view_index(view_of(ours.entries[i]), '='));
		struct str text = { 0 };

		str_set(&text, name);
		for (k = 0; k < 2 && !view_equal(name, view_of(kept[k])); k++)
			continue;
		if (k == 2 && name.len > 0 && !view_ends(name, VIEW("SAN_OPTIONS")))
			env_unset(str_text(&text));
		str_free(&text);
	}
	env_list_free(&ours);
}

void
sessionenv_make(
    struct sessionenv *e, const struct try_session *q, struct clientrule *rule)
{
	size_t i;

	clear_environment();
	for (i = 0; i < q->variable_count; i++)
		env_put(q->variables[i]);
	put(&e->entries[0], "PROTO", VIEW("TCP"));
	put(&e->entries[1], "TCPREMOTEIP", q->ip);
	if (q->host.len > 0)
		put(&e->entries[2], "TCPREMOTEHOST", q->host);
	clientrule_apply(rule);
}

void
sessionenv_end(struct sessionenv *e)
{
	size_t i;

	clear_environment();
	for (i = 0; i < sizeof e->entries / sizeof *e->entries; i++)
		str_free(&e->entries[i]);
}
