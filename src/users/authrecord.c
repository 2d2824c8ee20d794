#include "users/authrecord.h"

#include "config/variables.h"
#include "lib/scan.h"

/* NAME="value" at the start of *rest, and the comma behind it. */
static bool
take_pair(struct view *rest, struct view *name, struct view *value)
{
	struct view after;

	if (!view_cut(*rest, '=', name, &after) || !view_starts(after, VIEW("\"")) ||
	    !view_cut(view_from(after, 1), '"', value, &after))
		return false;
	if (after.len > 0 && after.at[0] != ',')
		return false;
	if (after.len == 1) /* a comma, and nothing behind it */
		return false;
	*rest = view_from(after, 1);
	return true;
}

static const char *
take_variable(
    struct view name, struct view value, struct authrecord *record, struct str *variables)
{
	if (view_equal(name, VIEW("PASSWORD_EXPIRES"))) {
		if (!scan_whole_u64(value, &record->expires))
			return "PASSWORD_EXPIRES is no number";
		return NULL;
	}
	if (!variables_allow(name))
		return "a name that must not be set";
	if (!variables_allow_value(value))
		return "a value with control octets, or too long";
	variables_append(variables, name, value);
	return NULL;
}

bool
authrecord_parse(
    struct view data, struct authrecord *out, struct str *variables, const char **why)
{
	struct authrecord record = { .expires = UINT64_MAX };
	struct view rest = VIEW(""), name, value;
	bool has_more = view_cut(data, ',', &record.hash, &rest);
	size_t count = 0;

	if (!has_more)
		record.hash = data;
	*why = record.hash.len == 0 || record.hash.len > AUTHLINE_HASH_MAX ||
		(has_more && rest.len == 0)
	    ? "no hash, or nothing behind a comma"
	    : NULL;
	while (!*why && rest.len > 0) {
		if (++count > VARIABLES_MAX || variables->len > VARIABLES_OCTETS)
			*why = "too many variables";
		else if (!take_pair(&rest, &name, &value))
			*why = "not NAME=\"value\"";
		else
			*why = take_variable(name, value, &record, variables);
	}
	if (!*why)
		*out = record;
	return !*why;
}

static enum answer
fill(struct view key, struct view data, const char *path, struct authdb_user *out,
    struct problem *problem)
{
	struct authrecord record;
	struct str variables = { 0 };
	const char *why;
	enum answer answer = ANSWER_ERROR;

	if (authrecord_parse(data, &record, &variables, &why)) {
		str_set(&out->name, key);
		str_set(&out->hash, record.hash);
		str_clear(&out->senders);
		str_set(&out->variables, str_view(&variables));
		out->expires = record.expires;
		answer = ANSWER_YES;
	} else {
		problem_note(problem, path, 0, why, 0);
	}
	str_free(&variables);
	return answer;
}

enum answer
authrecord_find(struct cdbmap *db, const char *path, struct view login,
    struct authdb_user *out, struct problem *problem)
{
	struct str key = { 0 }, data = { 0 };
	enum answer found;

	str_set(&key, login);
	found = cdbmap_find(db, str_view(&key), &data, problem);
	if (found == ANSWER_NO) {
		str_clear(&key);
		str_append_lower(&key, login);
		found = cdbmap_find(db, str_view(&key), &data, problem);
	}
	if (found == ANSWER_YES)
		found = fill(str_view(&key), str_view(&data), path, out, problem);
	str_free(&key);
	str_wipe(&data);
	return found;
}

enum answer
authrecord_decoy(struct cdbmap *db, struct str *hash, struct problem *problem)
{
	struct str data = { 0 };
	enum answer found = cdbmap_first(db, &data, problem);
	struct view first = str_view(&data);

	if (found == ANSWER_YES)
		str_set(hash, view_first(first, view_index(first, ',')));
	str_wipe(&data);
	return found;
}
