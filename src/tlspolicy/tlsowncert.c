#include "tlspolicy/tlsowncert.h"

#include <unistd.h>

#include "config/control.h"

static const struct control_entry *
find_key(const struct control_list *list, struct view name, struct view *value)
{
	struct view key;
	size_t i;

	for (i = 0; i < list->count; i++)
		if (view_cut(list->entries[i].text, ':', &key, value) &&
		    view_equal_nocase(key, name))
			return &list->entries[i];
	return NULL;
}

/* The domain, its suffixes, all. */
static const struct control_entry *
find_domain(const struct control_list *list, struct view domain, struct view *value)
{
	const struct control_entry *found = NULL;
	size_t i;

	for (i = 0; i < domain.len && !found; i++)
		if (i == 0 || domain.at[i] == '.')
			found = find_key(list, view_from(domain, i), value);
	return found ? found : find_key(list, VIEW("*"), value);
}

/* CERTIFICATE ["|" KEY ["|" PASSWORD]]: the password is the rest, whatever is in it. */
static bool
take(struct view value, struct tlschoice *c)
{
	struct view cert = value, key = VIEW(""), password = VIEW("");

	if (view_index(value, '\0') < value.len)
		return false;
	view_cut(value, '|', &cert, &key);
	view_cut(key, '|', &key, &password);
	if (cert.len == 0)
		return false;
	str_set(&c->cert, cert);
	str_set(&c->key, key);
	str_reserve(&c->key_password, password.len + 1);
	str_append(&c->key_password, password);
	c->rules.needs_cert = true;
	return true;
}

static enum answer
by_domain(struct view sender, struct tlschoice *c, struct problem *problem)
{
	static const char path[] = "control/domaincerts";
	struct control_list list = { 0 };
	enum answer found = control_list(path, &list, problem);
	struct view value;
	const struct control_entry *line = found == ANSWER_YES
	    ? find_domain(&list, view_from(sender, view_rindex(sender, '@') + 1), &value)
	    : NULL;

	if (found == ANSWER_YES && !line)
		found = ANSWER_NO;
	if (line && !take(value, c)) {
		problem_note(problem, path, line->line, "not a certificate", 0);
		found = ANSWER_ERROR;
	}
	str_wipe(&list.bytes); /* it holds passwords */
	control_list_free(&list);
	return found;
}

enum answer
tlsowncert_find(struct view sender, struct tlschoice *c, struct problem *problem)
{
	enum answer found = by_domain(sender, c, problem);

	if (found == ANSWER_NO && access("control/clientcert.pem", R_OK) == 0) {
		str_set(&c->cert, VIEW("control/clientcert.pem"));
		found = ANSWER_YES;
	}
	return found;
}
