#include "users/authdb.h"

#include "config/control.h"

static enum answer
find_exactly(
    struct cdbmap *db, struct view name, struct authdb_user *out, struct problem *problem)
{
	struct str key = { 0 }, data = { 0 };
	enum answer found = ANSWER_NO;
	struct view hash, senders = VIEW("");

	authline_append_key(&key, name);
	if (key.len > 0)
		found = cdbmap_find(db, str_view(&key), &data, problem);
	if (found == ANSWER_YES) {
		hash = str_view(&data);
		view_cut(hash, ':', &hash, &senders);
		str_set(&out->name, str_view(&key));
		str_set(&out->hash, hash);
		str_set(&out->senders, senders);
		str_clear(&out->variables);
		out->expires = UINT64_MAX;
	}
	str_free(&key);
	str_wipe(&data);
	return found;
}

static enum answer
is_local(struct view realm, struct problem *problem)
{
	struct control_list locals = { 0 };
	struct str me = { 0 };
	enum answer answer = control_list("control/locals", &locals, problem);
	size_t i;

	if (answer == ANSWER_NO) {
		answer = control_line("control/me", &me, problem);
		if (answer == ANSWER_YES && !view_equal_nocase(str_view(&me), realm))
			answer = ANSWER_NO;
	} else if (answer == ANSWER_YES) {
		answer = ANSWER_NO;
		for (i = 0; i < locals.count; i++)
			if (view_equal_nocase(locals.entries[i].text, realm))
				answer = ANSWER_YES;
	}
	control_list_free(&locals);
	str_free(&me);
	return answer;
}

static enum answer
find_with_realm(struct cdbmap *db, struct view login, struct authdb_user *out,
    struct problem *problem)
{
	struct str name = { 0 }, realm = { 0 };
	enum answer found =
	    control_line_or("control/envnoathost", "control/me", &realm, problem);

	if (found == ANSWER_YES) {
		str_set(&name, login);
		str_append_byte(&name, '@');
		str_append(&name, str_view(&realm));
		found = find_exactly(db, str_view(&name), out, problem);
	}
	str_free(&name);
	str_free(&realm);
	return found;
}

enum answer
authdb_find(struct cdbmap *db, struct view login, struct authdb_user *out,
    struct problem *problem)
{
	enum answer found = find_exactly(db, login, out, problem);
	size_t at = view_rindex(login, '@');

	if (found != ANSWER_NO)
		return found;
	if (at == login.len)
		return find_with_realm(db, login, out, problem);
	found = is_local(view_from(login, at + 1), problem);
	return found == ANSWER_YES ? find_exactly(db, view_first(login, at), out, problem)
				   : found;
}

enum answer
authdb_decoy(struct cdbmap *db, struct str *hash, struct problem *problem)
{
	return cdbmap_find(db, VIEW(""), hash, problem);
}

void
authdb_append_data(struct str *out, const struct authline *line)
{
	str_append(out, line->hash);
	if (line->senders.len > 0) {
		str_append_byte(out, ':');
		str_append(out, line->senders);
	}
}

void
authdb_user_free(struct authdb_user *user)
{
	str_free(&user->name);
	str_wipe(&user->hash);
	str_free(&user->senders);
	str_free(&user->variables);
}
