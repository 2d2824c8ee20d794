#include "policy/senderrules.h"

#include "lib/str.h"

bool
senderrules_match(struct view data, struct view sender)
{
	struct view rest = data, end;

	if (data.len == 0)
		return true;
	while (rest.len > 0) {
		size_t plus = view_index(rest, '+');

		end = view_first(rest, plus);
		rest = view_from(rest, plus + 1);
		if (end.len > 0 && view_ends_nocase(sender, end))
			return true;
	}
	return false;
}

/* One lookup of `prefix` `middle` `rest`; with another answer than no the search is over. */
struct search {
	struct cdbmap *rules;
	struct view sender;
	struct problem *problem;
};

static enum answer
try_key(const struct search *s, struct view prefix, const char *middle, struct view rest)
{
	struct str key = { 0 }, data = { 0 };
	enum answer found;

	str_append_lower(&key, prefix);
	str_append_text(&key, middle);
	str_append_lower(&key, rest);
	found = cdbmap_find(s->rules, str_view(&key), &data, s->problem);
	if (found == ANSWER_YES && !senderrules_match(str_view(&data), s->sender))
		found = ANSWER_NO;
	str_free(&key);
	str_free(&data);
	return found;
}

static enum answer
try_user(const struct search *s, const struct senderrules_client *c, bool has_host)
{
	enum answer found = ANSWER_NO;

	if (!c->has_user || c->user.len == 0)
		return ANSWER_NO;
	found = try_key(s, c->user, "", VIEW(""));
	if (found == ANSWER_NO)
		found = try_key(s, c->user, "@", c->ip);
	if (found == ANSWER_NO && has_host)
		found = try_key(s, c->user, "@=", c->host);
	return found;
}

/* The parts of an address that end in `dot`: "192.0.2.", "192.0.", "192." */
static enum answer
try_nets(const struct search *s, struct view ip, char dot)
{
	enum answer found = ANSWER_NO;
	size_t len;

	for (len = ip.len; len > 0 && found == ANSWER_NO; len--)
		if (ip.at[len - 1] == dot)
			found = try_key(s, view_first(ip, len), "", VIEW(""));
	return found;
}

static enum answer
try_domains(const struct search *s, struct view host)
{
	enum answer found = ANSWER_NO;
	size_t i;

	for (i = 0; i < host.len && found == ANSWER_NO; i++)
		if (host.at[i] == '.')
			found = try_key(s, VIEW(""), "=", view_from(host, i));
	return found == ANSWER_NO ? try_key(s, VIEW(""), "=", VIEW("")) : found;
}

enum answer
senderrules_allow(struct cdbmap *rules, const struct senderrules_client *client,
    struct view sender, struct problem *problem)
{
	const struct search s = { rules, sender, problem };
	bool has_host =
	    client->host.len > 0 && !view_equal_nocase(client->host, VIEW("unknown"));
	enum answer found = try_user(&s, client, has_host);

	if (found == ANSWER_NO)
		found = try_key(&s, client->ip, "", VIEW(""));
	if (found == ANSWER_NO && has_host)
		found = try_key(&s, VIEW(""), "=", client->host);
	if (found == ANSWER_NO)
		found = try_nets(&s, client->ip, ':');
	if (found == ANSWER_NO)
		found = try_nets(&s, client->ip, '.');
	if (found == ANSWER_NO && has_host)
		found = try_domains(&s, client->host);
	return found;
}
