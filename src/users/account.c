#include "users/account.h"

#include <errno.h>
#include <stdint.h>
#include <unistd.h>

#include "config/cdbmap.h"
#include "lib/fmt.h"
#include "lib/scan.h"

static const char CDB[] = "users/cdb";

enum { FIELDS = 6 };

void
account_free(struct account *a)
{
	str_free(&a->user);
	str_free(&a->home);
	str_free(&a->dash);
	str_free(&a->ext);
	*a = (struct account) { 0 };
}

/* (uid_t)-1 means "leave it" to setuid and its kin, so it is no id. */
static bool
scan_id(struct view digits, uint32_t *out)
{
	uint64_t n;

	if (!scan_whole_u64(digits, &n) || n >= UINT32_MAX)
		return false;
	*out = (uint32_t)n;
	return true;
}

bool
account_parse(struct view fields, struct account *out)
{
	struct view part[FIELDS];
	uint32_t uid, gid;
	int i;

	for (i = 0; i < FIELDS - 1; i++)
		if (!view_cut(fields, '\0', &part[i], &fields))
			return false;
	part[i] = view_first(fields, view_index(fields, '\0'));
	if (!scan_id(part[1], &uid) || !scan_id(part[2], &gid))
		return false;

	str_set(&out->user, part[0]);
	out->uid = uid;
	out->gid = gid;
	str_set(&out->home, part[3]);
	str_set(&out->dash, part[4]);
	str_set(&out->ext, part[5]);
	return true;
}

static void
put_field(struct str *out, struct view field)
{
	str_append(out, field);
	str_append_byte(out, '\0');
}

void
account_format(struct str *out, const struct account *a)
{
	put_field(out, str_view(&a->user));
	fmt_u64(out, a->uid);
	str_append_byte(out, '\0');
	fmt_u64(out, a->gid);
	str_append_byte(out, '\0');
	put_field(out, str_view(&a->home));
	put_field(out, str_view(&a->dash));
	put_field(out, str_view(&a->ext));
}

void
account_of_alias(struct view qmail_home, struct view local, struct account *out)
{
	str_set(&out->user, VIEW("alias"));
	str_set(&out->home, qmail_home);
	str_append_text(&out->home, "/alias");
	str_set(&out->dash, VIEW("-"));
	str_set(&out->ext, local);
	out->uid = geteuid();
	out->gid = getegid();
}

/* The wildcards, longest first.  `key` is "!" and the local part in lower case. */
static enum answer
find_wildcard(struct cdbmap *map, struct view key, struct view local, struct str *data,
    struct problem *problem)
{
	struct str last = { 0 }; /* every byte that a wildcard ends in */
	enum answer found = cdbmap_find(map, VIEW(""), &last, problem);
	size_t i;

	if (found == ANSWER_NO) { /* qmail-newu always writes it */
		problem_note(problem, CDB, 0, "without its empty key", 0);
		found = ANSWER_ERROR;
	}
	for (i = key.len; found == ANSWER_YES && i > 0; i--) {
		if (i > 1 && view_index(str_view(&last), key.at[i - 1]) == last.len)
			continue;
		found = cdbmap_find(map, view_first(key, i), data, problem);
		if (found == ANSWER_YES) {
			str_append(data, view_from(local, i - 1));
			break;
		}
		if (found == ANSWER_NO)
			found = ANSWER_YES; /* so far: on to the next */
	}
	str_free(&last);
	return found == ANSWER_YES && i == 0 ? ANSWER_NO : found;
}

static enum answer
find(struct cdbmap *map, struct view local, struct str *data, struct problem *problem)
{
	struct str key = { 0 };
	enum answer found;

	str_append_byte(&key, '!');
	str_append_lower(&key, local);
	str_append_byte(&key, '\0');
	found = cdbmap_find(map, str_view(&key), data, problem);
	if (found == ANSWER_NO)
		found = find_wildcard(
		    map, view_first(str_view(&key), key.len - 1), local, data, problem);
	str_free(&key);
	return found;
}

/* The key itself, without what account_from_cdb() tries besides. */
static enum answer
find_prefix(
    struct cdbmap *map, struct view prefix, struct str *data, struct problem *problem)
{
	struct str key = { 0 };
	enum answer found;

	str_append_byte(&key, '!');
	str_append(&key, prefix);
	found = cdbmap_find(map, str_view(&key), data, problem);
	str_free(&key);
	return found;
}

typedef enum answer finder(
    struct cdbmap *map, struct view name, struct str *data, struct problem *problem);

static enum answer
look_up(
    finder *find_record, struct view name, struct account *out, struct problem *problem)
{
	struct cdbmap *map;
	struct str data = { 0 };
	enum answer found = cdbmap_open(CDB, &map, problem);

	if (found != ANSWER_YES)
		return found;
	found = find_record(map, name, &data, problem);
	if (found == ANSWER_YES && !account_parse(str_view(&data), out)) {
		problem_note(problem, CDB, 0, "corrupt", EINVAL);
		found = ANSWER_ERROR;
	}
	str_free(&data);
	cdbmap_close(map);
	return found;
}

enum answer
account_from_cdb(struct view local, struct account *out, struct problem *problem)
{
	return look_up(find, local, out, problem);
}

enum answer
account_of_prefix(struct view prefix, struct account *out, struct problem *problem)
{
	return look_up(find_prefix, prefix, out, problem);
}
